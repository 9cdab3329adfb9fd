export { certificateInPdf, mostPdfBytes } from './certificate-in-pdf.ts'
