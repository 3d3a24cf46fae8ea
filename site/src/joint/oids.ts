/** The object identifiers of joint certificates and their files. */
export const oids = {
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingTime: "1.2.840.113549.1.9.5",

  rsaEncryption: "1.2.840.113549.1.1.1",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",

  /** Key derivation and SEED in one name: the first form of signPri.key. */
  seedFromPbkdf1: "1.2.410.200004.1.15",
  seedCbc: "1.2.410.200004.1.4",
  pbes2: "1.2.840.113549.1.5.13",
  pbkdf2: "1.2.840.113549.1.5.12",
  randomNum: "1.2.410.200004.10.1.1.3",

  identifyData: "1.2.410.200004.10.1.1",
  vid: "1.2.410.200004.10.1.1.1",

  certBag: "1.2.840.113549.1.12.10.1.3",
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  x509Certificate: "1.2.840.113549.1.9.22.1",
  localKeyId: "1.2.840.113549.1.9.21",
  tripleDesFromPkcs12: "1.2.840.113549.1.12.1.3",

  keyUsage: "2.5.29.15",
  subjectKeyId: "2.5.29.14",
  subjectAltName: "2.5.29.17",
  certificatePolicies: "2.5.29.32",
  userNotice: "1.3.6.1.5.5.7.2.2",
} as const;
