import { enRelyingProblems } from "../words/problems.relying.en.ts";
import { koRelyingProblems } from "../words/problems.relying.ko.ts";

/** Everything the relying parties' page says. */
const ko = {
  title: "연습용 이용기관",
  name: "연습용 민원·세금 창구",
  otherLanguage: "English",
  test: "연습용 화면이에요. 어떤 기관의 것도 아니고, 여기서 하는 일은 실제로 처리되지 않아요.",
  toBank: "은행으로",
  heading: "무엇을 하시겠어요?",
  lead: "공동인증서로 서명하면 이 창구가 서명, 인증서, 폐기 여부, 본인인지를 확인해요.",
  services: {
    tax: ["연말정산", "간소화 자료를 달라고 서명해요."],
    document: ["증명서 발급", "주민등록표 등본을 달라고 서명해요."],
  } as Record<"tax" | "document", readonly [string, string]>,
  serviceMissing: "하나를 골라 주세요.",
  start: "시작하기",

  signLead: "아래 글에 공동인증서로 서명해 주세요.",
  contentTitle: "서명할 글",
  certificateTitle: "인증서 고르기",
  none: "이 브라우저에 쓸 수 있는 인증서가 없어요. 내보낸 ZIP이나 폴더를 불러와 주세요.",
  noneInFiles: "고른 파일에 이 창구가 받는 인증서가 없어요.",
  load: "파일에서 불러오기",
  certificateMissing: "인증서를 골라 주세요.",
  until: (at: string) => `${at}까지`,
  number: "주민등록번호",
  numberHint: "인증서 주인이 맞는지 이 창구가 확인해요. 숫자 13자리예요.",
  numberWrong: "숫자 13자리를 넣어 주세요.",
  sign: "서명해서 내기",
  signing: "서명하고 확인하고 있어요",

  acceptedTitle: "확인했어요",
  acceptedLead: "서명, 발급기관, 정책, 유효기간, 폐기 여부, 본인인지가 모두 맞아요.",
  refusedTitle: "받을 수 없어요",
  facts: {
    name: "실명",
    certificate: "인증서",
    serial: "일련번호",
    at: "확인한 때",
    receipt: "접수번호",
  },
  again: "처음으로",
  verdicts: koRelyingProblems,
};

export type RpWords = typeof ko;

const en: RpWords = {
  title: "Practice relying party",
  name: "Practice counter: tax, documents",
  otherLanguage: "한국어",
  test: "This is for practice. It belongs to no authority, and nothing done here really happens.",
  toBank: "To the bank",
  heading: "What would you like to do?",
  lead: "Sign with a joint certificate, and this counter checks signature, certificate, revocation and person.",
  services: {
    tax: ["Year-end tax settlement", "Sign a request for your tax records."],
    document: ["A government document", "Sign a request for a copy of your resident record."],
  },
  serviceMissing: "Please choose one.",
  start: "Begin",

  signLead: "Please sign the text below with a joint certificate.",
  contentTitle: "What you sign",
  certificateTitle: "Choose a certificate",
  none: "There is no certificate in this browser that could be used. Load an exported ZIP or folder.",
  noneInFiles: "The chosen files hold no certificate that this counter accepts.",
  load: "Load from a file",
  certificateMissing: "Please choose a certificate.",
  until: (at) => `until ${at}`,
  number: "Resident number",
  numberHint: "With it this counter checks that the certificate is yours. 13 digits.",
  numberWrong: "Please enter 13 digits.",
  sign: "Sign and hand in",
  signing: "Signing and checking",

  acceptedTitle: "Accepted",
  acceptedLead: "Signature, issuer, policy, validity, revocation and person are all right.",
  refusedTitle: "Not accepted",
  facts: {
    name: "Real name",
    certificate: "Certificate",
    serial: "Serial number",
    at: "Checked",
    receipt: "Receipt",
  },
  again: "Start again",
  verdicts: enRelyingProblems,
};

export const words: Readonly<Record<"ko" | "en", RpWords>> = { ko, en };
