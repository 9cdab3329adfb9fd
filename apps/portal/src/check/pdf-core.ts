/** What looks into PDFs, fetched by those who bring one. */
export { certificateInPdf, mostPdfBytes } from '@chengxin/audit/pdf'
