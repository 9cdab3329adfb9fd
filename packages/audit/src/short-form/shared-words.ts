/**
 * What all certificates say in the same words, layers noted as in `layers.ts`; what is said most stands last, where it is named
 * in one byte. It is a part of the format: a change of a letter is another format, with another beginning than `CX1:`.
 */
import { toUtf8 } from '@chengxin/kernel'

const claims = [
  '"document_number","document_type","family_name","given_name","name_pt","name_en","birth_date","nationality","sex',
  '"degree_code","degree_zh","degree_pt","major_zh","major_pt","major_en","student_no","gpa","conferred_on","valid_until',
  '"licence_no","address","status","issued_on","degree_en","name_zh","name_latin","weid","did:weid:',
]

const printed = [
  '\x02{"alg":"EdDSA","typ":"kb+jwt"}\x01.\x02{"aud":"x509_hash:\x05","iat":\x08,"nonce":"\x05","sd_hash":"\x05"}\x01.\x05',
  '\x02{"alg":"ES256","typ":"printed+jwt"}\x01.\x02{"exp":\x08,"iat":\x08,"recipient":"","sd_hash":"\x05"}\x01.\x05',
]

const certificate = [
  '","x5c":["\x09"]}\x01.\x02{"_sd":["\x05","\x05","\x05"],"_sd_alg":"sha-256","cnf":{"jwk":{"crv":"P-256","kty":"EC",',
  '"x":"\x05","y":"\x05"}},"exp":\x08,"iat":\x08,"iss":"https://","status":{"status_list":{"idx":1,"uri":"https://',
  '/v1/groups/\x05/status-lists/list_\x07"}},"vct":"urn:chengxin:type:\x05:type_identity-v1","vct#integrity":"sha256-\x06"}\x01.\x05',
]

const anchor = [
  '["\x05","anchor",{"batchSize":1,"index":0,"path":["\x05","\x05"],"receipt":"\x04c2sp.org/tlog-proof@v1\nextra \x03{"code":"ok",',
  '"eventsHash":"\x05","height":1,"jws":"\x02{"alg":"ES256","kid":"did:weid:sample:0x\x07#key-1","typ":"chengxin-tx+jws"}\x01.',
  '\x02{"actions":[{"args":{"batchId":"batch_\x07","count":1,"root":"\x05","typeId":"type_graduation-v1"},',
  '"type":"credentials.anchorBatch"}],"for":"did:weid:","group":"\x05","nonce":"\x05","notAfter":\x08,"v":1}\x01.\x05",',
  '"position":0,"timeMs":\x08,"v":1,"writesHash":"\x05"}\x01\nindex 1\n\x06\n\x06\n\x06\n\n/groups/city\n',
  '\n\x06\n\n— /groups/ \x06\n— /groups/city/member_ \x06\n\x01,"salt":"\x05"}]\x01~',
  '\x02{"alg":"ES256","kid":"did:weid:sample:0x\x07#key-1","typ":"dc+sd-jwt"}\x01.\x02{"_sd":["\x05","\x05","\x05"]\x01~\x02["\x05","',
]

export const sharedWords = toUtf8([...claims, ...printed, ...certificate, ...anchor].join(''))
