export { registrarRefusals } from './refusals.ts'
export { createRegistrarsDesk, type RegistrarOffice, type RegistrarsDeskOptions } from './registrars-desk.ts'
