/** What happened, and what to do next, for one problem code. */
export type ProblemWords = { readonly what: string; readonly todo: string };

const reissue = "전체메뉴 → 인증센터 → 모바일인증서 → 인증서 발급/재발급에서 다시 발급해 주세요.";
const again = "잠시 뒤 다시 시도해 주세요.";
const signIn = "다시 로그인해 주세요. 입력하던 내용은 바뀌지 않았어요.";

/** Keyed by the server's stable codes, and by the app's own (`offline`, `timeout`, …). */
export const koProblems: Readonly<Record<string, ProblemWords>> = {
  unknown: {
    what: "처리하지 못했어요.",
    todo: `${again} 되풀이되면 고객센터에 오류 코드를 알려 주세요.`,
  },
  offline: { what: "인터넷에 연결되지 않았어요.", todo: "연결을 확인하고 다시 시도해 주세요." },
  timeout: { what: "은행이 제때 답하지 않았어요.", todo: "연결을 확인하고 다시 시도해 주세요." },
  bad_answer: {
    what: "은행의 답을 이해하지 못했어요.",
    todo: "화면을 새로 고친 뒤 다시 시도해 주세요.",
  },
  unavailable: {
    what: "은행이 잠시 쉬고 있어요.",
    todo: "같은 요청을 그대로 다시 보내 주세요. 두 번 처리되지 않아요.",
  },
  internal_error: { what: "은행 쪽에 문제가 생겼어요.", todo: again },
  malformed: {
    what: "입력한 내용의 형식이 맞지 않아요.",
    todo: "입력한 내용을 다시 확인해 주세요.",
  },
  log_too_short: {
    what: "은행의 기록이 아직 그만큼 길지 않아요.",
    todo: "잠시 뒤에 다시 시도해 주세요.",
  },
  not_found: { what: "찾는 것이 없어요.", todo: "처음 화면에서 다시 시작해 주세요." },
  too_many_requests: { what: "요청이 너무 많아요.", todo: again },
  use_dpop_nonce: { what: "보안 확인이 늦어졌어요.", todo: again },
  invalid_dpop_proof: {
    what: "이 기기를 확인하지 못했어요.",
    todo: "화면을 새로 고친 뒤 다시 시도해 주세요.",
  },

  internal: { what: "은행 쪽에 문제가 생겼어요.", todo: again },
  conflict: { what: "다른 요청과 겹쳤어요.", todo: again },
  forbidden: { what: "할 수 없는 일이에요.", todo: "처음 화면에서 다시 시작해 주세요." },
  too_many: { what: "요청이 너무 많아요.", todo: again },
  bad_proof: {
    what: "이 기기를 확인하지 못했어요.",
    todo: "화면을 새로 고친 뒤 다시 시도해 주세요.",
  },
  proof_replayed: { what: "같은 요청이 두 번 왔어요.", todo: again },

  too_many_reports: {
    what: "오늘은 신고를 더 받을 수 없어요.",
    todo: "급하면 고객센터로 전화해 주세요.",
  },
  terms_not_agreed: {
    what: "필수 약관에 동의하지 않았어요.",
    todo: "필수 약관에 모두 동의해 주세요.",
  },
  terms_outdated: { what: "약관이 새로 바뀌었어요.", todo: "바뀐 약관을 읽고 다시 동의해 주세요." },
  wrong_step: {
    what: "순서가 맞지 않아요.",
    todo: "지금 해야 할 화면으로 옮겨 드릴게요. 거기서 이어 가세요.",
  },
  wrong_internet_banking: {
    what: "아이디나 비밀번호가 맞지 않아요.",
    todo: "다시 확인하고 입력해 주세요.",
  },
  internet_banking_locked: {
    what: "여러 번 틀려서 인터넷뱅킹이 잠겼어요.",
    todo: "고객센터에서 본인 확인을 하고 풀어 주세요.",
  },
  too_many_from_here: {
    what: "이곳에서 너무 많이 시도했어요.",
    todo: "한 시간 뒤에 다시 시도해 주세요.",
  },
  identity_mismatch: {
    what: "통신사에 등록된 정보와 달라요.",
    todo: "통신사, 이름, 주민등록번호, 휴대전화 번호를 다시 확인해 주세요.",
  },
  sim_recently_changed: {
    what: "최근에 유심이 바뀌어 지금은 휴대폰으로 본인확인을 할 수 없어요.",
    todo: "며칠 뒤 다시 하거나 고객센터에 문의해 주세요. 바꾼 적이 없다면 바로 사고신고를 해 주세요.",
  },
  too_many_codes: {
    what: "인증번호를 너무 많이 받았어요.",
    todo: "한 시간 뒤에 다시 받아 주세요.",
  },
  resend_too_soon: {
    what: "아직 인증번호를 다시 받을 수 없어요.",
    todo: "조금 뒤에 다시 눌러 주세요.",
  },
  wrong_code: { what: "인증번호가 달라요.", todo: "문자를 확인하고 다시 입력해 주세요." },
  code_expired: { what: "인증번호 시간이 지났어요.", todo: "인증번호를 다시 받아 주세요." },
  code_spent: { what: "이 인증번호는 더 쓸 수 없어요.", todo: "인증번호를 다시 받아 주세요." },
  wrong_account_password: { what: "계좌비밀번호가 달라요.", todo: "다시 눌러 주세요." },
  account_password_locked: {
    what: "여러 번 틀려서 계좌비밀번호가 잠겼어요.",
    todo: "전체메뉴 → 뱅킹 → 계좌비밀번호 잠금 풀기에서 신분증으로 풀 수 있어요. 로그인할 수 없으면 고객센터로 전화해 주세요.",
  },
  login_id_taken: { what: "이미 쓰고 있는 아이디예요.", todo: "다른 아이디를 정해 주세요." },
  weak_password: {
    what: "비밀번호가 쉬워요.",
    todo: "10자 이상, 글자와 숫자와 기호를 섞고 아이디는 넣지 마세요.",
  },
  name_mismatch: { what: "본인인증한 이름과 달라요.", todo: "이름을 다시 확인해 주세요." },
  weak_account_password: {
    what: "계좌비밀번호가 쉬워요.",
    todo: "같은 숫자 네 개, 이어지는 숫자, 생일, 전화번호 끝자리는 피해 주세요.",
  },
  account_passwords_differ: {
    what: "두 번 누른 계좌비밀번호가 달라요.",
    todo: "처음부터 다시 눌러 주세요.",
  },
  pins_differ: { what: "두 번 누른 간편비밀번호가 달라요.", todo: "처음부터 다시 정해 주세요." },
  patterns_differ: { what: "두 번 그린 패턴이 달라요.", todo: "처음부터 다시 그려 주세요." },
  enrolment_over: { what: "발급 시간이 지났어요.", todo: "처음부터 다시 시작해 주세요." },
  enrolment_expired: { what: "발급 시간이 지났어요.", todo: "처음부터 다시 시작해 주세요." },
  no_enrolment: { what: "진행 중인 발급이 없어요.", todo: "처음부터 다시 시작해 주세요." },
  already_answered: { what: "이미 처리한 단계예요.", todo: "다시 만들기를 눌러 주세요." },
  keys_not_proved: { what: "인증방법 확인이 끝나지 않았어요.", todo: "다시 만들기를 눌러 주세요." },

  wrong_secret: { what: "맞지 않아요.", todo: "다시 확인해 주세요." },
  unknown_key: { what: "은행이 이 인증서를 몰라요.", todo: reissue },
  key_out_of_turn: { what: "키를 만드는 순서가 맞지 않아요.", todo: "다시 만들기를 눌러 주세요." },
  wrong_credential_state: {
    what: "지금 인증서 상태로는 할 수 없어요.",
    todo: "인증서 상태를 확인해 주세요.",
  },
  unknown_act: {
    what: "은행이 모르는 요청이에요.",
    todo: "화면을 새로 고친 뒤 다시 시도해 주세요.",
  },
  unknown_change: {
    what: "바꾸는 시간이 지났어요.",
    todo: "처음부터 다시 바꿔 주세요. 예전 것은 그대로 쓸 수 있어요.",
  },
  no_key: { what: "이 휴대전화에 인증서가 없어요.", todo: reissue },
  no_device_key: { what: "이 휴대전화의 저장 공간이 지워졌어요.", todo: reissue },
  generation_mismatch: {
    what: "이 인증서의 상태가 은행과 달라요.",
    todo: "화면을 새로 고친 뒤 다시 시도해 주세요.",
  },
  copied_phone: {
    what: "이 인증서가 복제되어 쓰인 흔적이 있어 정지했어요.",
    todo: `바로 사고신고를 하고, ${reissue}`,
  },
  server_behind: {
    what: "은행이 기록을 복구하고 있어요.",
    todo: "고객센터에 알려 주세요. 인증서는 안전해요.",
  },
  credential_locked: {
    what: "다섯 번 틀려서 인증서가 잠겼어요.",
    todo: `기다려도 풀리지 않아요. ${reissue}`,
  },
  credential_suspended: { what: "인증서가 정지되어 있어요.", todo: `본인인증을 하고 ${reissue}` },
  credential_revoked: { what: "폐기된 인증서예요.", todo: reissue },
  pattern_disabled: {
    what: "패턴이 꺼져 있어요.",
    todo: "간편비밀번호로 로그인한 뒤 패턴을 다시 등록해 주세요.",
  },
  unknown_request: { what: "서명할 내용을 찾지 못했어요.", todo: "처음부터 다시 시작해 주세요." },
  request_expired: { what: "서명할 시간이 지났어요.", todo: "처음부터 다시 시작해 주세요." },
  request_already_signed: { what: "이미 서명한 내용이에요.", todo: "결과를 확인해 주세요." },
  wrong_method: { what: "이 방법으로는 서명할 수 없어요.", todo: "간편비밀번호를 써 주세요." },
  bad_point: { what: "보안 값이 맞지 않아요.", todo: again },
  different_request: { what: "같은 번호로 다른 요청이 왔어요.", todo: again },
  session_over: { what: "서명 과정이 끝났어요.", todo: again },
  message_differs: {
    what: "서명할 내용이 화면에 보인 것과 달라요. 서명하지 않았어요.",
    todo: "보내지 말고 고객센터에 알려 주세요.",
  },
  certificate_differs: {
    what: "받은 인증서가 이 휴대전화의 것이 아니에요.",
    todo: "고객센터에 알려 주세요.",
  },

  passkey_refused: {
    what: "패스키를 확인하지 못했어요.",
    todo: "다시 하거나 간편비밀번호로 로그인해 주세요.",
  },
  passkey_cancelled: {
    what: "지문·얼굴 확인을 마치지 않았어요.",
    todo: "다시 하거나 다른 방법을 골라 주세요.",
  },
  passkey_unsupported: {
    what: "이 기기에서는 패스키를 쓸 수 없어요.",
    todo: "간편비밀번호나 패턴을 써 주세요.",
  },
  passkey_exists: { what: "이 기기는 이미 등록되어 있어요.", todo: "그대로 쓰면 돼요." },
  not_signed_in: { what: "로그인이 필요해요.", todo: signIn },
  session_idle: { what: "한동안 쓰지 않아 로그아웃됐어요.", todo: signIn },
  session_over_age: { what: "로그인한 지 오래되어 로그아웃됐어요.", todo: signIn },
  session_ended: { what: "로그인이 끝났어요.", todo: signIn },
  no_second_device: {
    what: "지금 쓸 수 있는 다른 기기가 없어요.",
    todo: "등록한 지 하루가 지나면 쓸 수 있어요. 지금은 전화로 확인해 주세요.",
  },
  not_a_second_device: {
    what: "이 휴대폰이나 여러 기기에 함께 저장되는 패스키예요.",
    todo: "보안 키처럼 한 기기에만 있는 패스키를 골라 주세요.",
  },
  identity_needed: {
    what: "끄거나 줄이기 전에 본인확인을 해야 해요.",
    todo: "본인확인을 마치고 다시 바꿔 주세요.",
  },
  raise_needs_identity: {
    what: "한도를 올리기 전에 본인확인을 해야 해요.",
    todo: "본인확인을 마치고 다시 올려 주세요.",
  },
  pin_login_needed: {
    what: "패턴으로 로그인해서는 할 수 없어요.",
    todo: "간편비밀번호로 다시 로그인해 주세요.",
  },
  too_many_passkeys: {
    what: "이 인증서에는 패스키가 이미 10개 있어요.",
    todo: "쓰지 않는 패스키를 지운 뒤 추가해 주세요.",
  },

  receipt_not_ready: {
    what: "확인증을 만들고 있어요.",
    todo: "잠시 뒤에 다시 눌러 주세요.",
  },
  no_receipt: {
    what: "돈이 나가지 않은 이체라 확인증이 없어요.",
    todo: "보낸 뒤에 다시 눌러 주세요.",
  },
  payee_not_found: {
    what: "그 계좌를 찾지 못했어요.",
    todo: "은행과 계좌번호를 다시 확인해 주세요.",
  },
  account_not_found: { what: "그 계좌를 찾지 못했어요.", todo: "계좌를 다시 골라 주세요." },
  too_many_lookups: { what: "계좌를 너무 많이 조회했어요.", todo: "한 시간 뒤에 다시 조회해 주세요." },
  over_per_transfer_limit: {
    what: "한 번에 보낼 수 있는 한도를 넘었어요.",
    todo: "금액을 줄여 주세요.",
  },
  over_daily_limit: {
    what: "오늘 보낼 수 있는 한도를 넘었어요.",
    todo: "금액을 줄이거나 내일 보내 주세요.",
  },
  new_device_limit: {
    what: "새로 발급한 인증서라서 아직 큰 금액은 보낼 수 없어요.",
    todo: "금액을 줄이거나 나중에 보내 주세요.",
  },
  id_mismatch: { what: "같은 번호의 다른 이체가 있어요.", todo: "처음부터 다시 보내 주세요." },
  factors_missing: { what: "먼저 해야 할 인증이 남았어요.", todo: "남은 인증을 마쳐 주세요." },
  more_factors_needed: {
    what: "그사이 필요한 인증이 늘었어요. 보내지 않았어요.",
    todo: "처음부터 다시 보내 주세요.",
  },
  signature_invalid: { what: "서명이 맞지 않아 보내지 않았어요.", todo: "고객센터에 알려 주세요." },
  order_altered: {
    what: "은행의 이체 기록이 주문한 뒤에 달라져 보내지 않았어요.",
    todo: "고객센터에 알려 주세요.",
  },
  protections_altered: {
    what: "은행에 남은 이체 보호 설정이 달라져 지금은 보내지 않아요.",
    todo: "고객센터에 전화해 주세요. 확인되면 다시 보낼 수 있어요.",
  },
  authorization_used: { what: "이미 쓴 서명이에요.", todo: "거래 내역을 확인해 주세요." },
  insufficient_funds: {
    what: "잔액이 모자라요.",
    todo: "금액을 줄이거나 다른 계좌에서 보내 주세요.",
  },
  hold_not_found: { what: "잡아 둔 돈이 없어요.", todo: "전체메뉴 → 뱅킹 → 보내기 전 이체를 확인해 주세요." },
  hold_already_posted: { what: "이미 보낸 이체예요.", todo: "거래 내역을 확인해 주세요." },
  hold_already_voided: { what: "이미 취소한 이체예요.", todo: "보내려면 처음부터 다시 보내 주세요." },
  hold_already_expired: { what: "이체할 시간이 지나 돈이 풀렸어요.", todo: "보내려면 처음부터 다시 보내 주세요." },
  exceeds_hold: { what: "잡아 둔 돈보다 많아요.", todo: "금액을 줄여 주세요." },
  over_unregistered_limit: {
    what: "지정하지 않은 계좌로 오늘 보낼 수 있는 금액을 넘었어요.",
    todo: "금액을 줄이거나 받는 계좌를 지정해 주세요.",
  },
  over_account_day_limit: {
    what: "한도제한계좌에서 오늘 보낼 수 있는 금액을 넘었어요.",
    todo: "금액을 줄이거나, 계좌를 쓰는 목적을 고객센터에 확인받아 주세요.",
  },
  account_closed: { what: "해지된 계좌예요.", todo: "다른 계좌를 골라 주세요." },
  same_account: { what: "보내는 계좌와 받는 계좌가 같아요.", todo: "다른 계좌를 골라 주세요." },
  currency_mismatch: { what: "두 계좌의 통화가 달라요.", todo: "다른 계좌를 골라 주세요." },
  order_expired: { what: "이체할 시간이 지났어요.", todo: "처음부터 다시 보내 주세요." },
  order_over: { what: "이미 끝난 이체예요.", todo: "결과를 확인해 주세요." },
  ars_fraud_reported: {
    what: "사기 신고를 받아 이 이체를 멈췄어요.",
    todo: "고객센터로 연락해 주세요.",
  },
  already_designated: {
    what: "이미 지정된 입금계좌예요.",
    todo: "목록에서 언제부터 적용되는지 확인해 주세요.",
  },
  too_many_designated: {
    what: "지정 입금계좌 목록이 가득 찼어요.",
    todo: "쓰지 않는 계좌를 지운 뒤 추가해 주세요.",
  },
  too_late_to_cancel: {
    what: "취소할 수 있는 시간이 지났어요.",
    todo: "속아서 보내는 돈이라면 지금 바로 고객센터로 전화해 주세요.",
  },
  sms_hold_not_registered: {
    what: "전화 대신 문자로 확인하도록 등록하지 않았어요.",
    todo: "이번에는 전화로 확인하고, 전체메뉴 → 뱅킹 → 이체 안전장치에서 등록해 주세요.",
  },
  ars_spent: { what: "전화 확인을 더 할 수 없어요.", todo: "처음부터 다시 보내 주세요." },
  ars_number_too_new: {
    what: "새로 등록한 번호로는 아직 ARS를 쓸 수 없어요.",
    todo: "나중에 다시 하거나 금액을 줄여 주세요.",
  },
};
