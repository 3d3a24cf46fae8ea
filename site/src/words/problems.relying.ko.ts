import type { ProblemWords } from "./problems.ko.ts";

/** Refusals of the relying parties in the demo. */
export const koRelyingProblems: Readonly<Record<string, ProblemWords>> = {
  rp_challenge_over: { what: "서명할 내용이 더 이상 없어요.", todo: "처음부터 다시 해 주세요." },
  rp_malformed_signature: { what: "이 기관이 받는 서명 형식이 아니에요.", todo: "다시 서명해 주세요." },
  rp_other_content: { what: "보여 드린 것과 다른 내용에 서명했어요.", todo: "처음부터 다시 해 주세요." },
  rp_wrong_signature: { what: "서명이 맞지 않아요.", todo: "다시 서명해 주세요." },
  rp_unknown_issuer: { what: "이 기관이 모르는 곳에서 발급한 인증서예요.", todo: "이 은행의 공동인증서를 사용해 주세요." },
  rp_wrong_policy: { what: "이 기관은 이런 종류의 인증서를 받지 않아요.", todo: "다른 인증서를 골라 주세요." },
  rp_not_valid_now: { what: "지금은 유효하지 않은 인증서예요.", todo: "갱신하거나 새로 발급해 주세요." },
  rp_revoked: { what: "폐기된 인증서예요.", todo: "새로 받은 인증서를 쓰거나 새로 발급해 주세요." },
  rp_status_unknown: { what: "인증서의 상태를 확인하지 못했어요.", todo: "다시 시도해 주세요." },
  rp_randomness_refused: { what: "인증서의 난수를 읽지 못했어요.", todo: "처음부터 다시 해 주세요." },
  rp_other_person: { what: "이 번호를 가진 사람의 인증서가 아니에요.", todo: "주민등록번호를 확인해 주세요." },
};
