export {
  fingerprintOf,
  type DtlsFingerprint,
  type FingerprintAlgorithm,
} from "./certificate/fingerprint.js";
export {
  generateCertificate,
  type DtlsCertificate,
  type GenerateCertificateOptions,
} from "./certificate/generate.js";
export { DtlsConnection } from "./connection.js";
export {
  srtpProfiles,
  type DtlsEvents,
  type DtlsOptions,
  type DtlsRole,
  type DtlsState,
} from "./options.js";
