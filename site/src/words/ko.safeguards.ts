/** Words for what one puts between a signature and the money. */
export const koSafeguards = {
  guard: {
    title: "이체 안전장치",
    lead: "속아서 보내는 돈은 되찾기 어려워요. 보내기 전에 멈출 시간을 만들어 두세요.",
    on: "켜짐",
    off: "꺼짐",
    change: "바꾸기",
    sign: "간편비밀번호로 서명해요",
    saved: "바꿨어요",
    later: (what: string, at: string) => `${at}부터 ${what}`,
    waits: (hours: number) =>
      hours === 0
        ? "끄거나 줄이는 것도 바로 돼요."
        : `끄거나 줄이면 ${hours}시간 뒤에 바뀌어요. 누가 시켜서 끄더라도 시간을 벌 수 있어요.`,

    delay: "지연이체",
    delayLead: "서명한 뒤 정한 시간이 지나야 보내요. 그 전에는 앱에서 취소할 수 있어요.",
    delayIs: (hours: number) => `${hours}시간 뒤에 보내요`,
    delayNone: "바로 보내요",
    delayChoose: "얼마나 기다렸다 보낼까요?",
    delayCancel: (minutes: number) => `보내기 ${minutes}분 전까지 취소할 수 있어요.`,
    spares: "지정한 입금계좌로는 바로 보내기",
    sparesHint: "가족이나 월세처럼 미리 지정한 계좌는 기다리지 않아요.",

    undo: "보내기 취소 시간",
    undoLead: (seconds: number) =>
      `이체할 때마다 ${seconds}초를 기다려요. 잘못 보냈으면 결과 화면에서 바로 되돌려요.`,

    designated: "입금계좌지정",
    designatedLead: (limit: string) =>
      `켜 두면 지정하지 않은 계좌로는 모두 합쳐 하루 ${limit}까지만 보낼 수 있어요. 내 계좌끼리는 상관없어요.`,
    designatedOn: "입금계좌지정 켜기",
    designatedOff: "입금계좌지정 끄기",
    payees: "지정한 입금계좌",
    payeesNone: "아직 지정한 계좌가 없어요.",
    payeeAdd: "입금계좌 추가",
    payeeAddTitle: "어느 계좌를 지정할까요?",
    payeeCheck: "이 계좌가 맞나요?",
    payeeFrom: (at: string) => `${at}부터 지정돼요`,
    payeeSince: (at: string) => `${at}에 지정했어요`,
    payeeRemove: "지우기",
    payeeRemoveLabel: (holder: string) => `${holder} 계좌 지우기`,
    payeeRemoved: "지웠어요. 지금부터 지정하지 않은 계좌예요.",
    payeeAdded: "지정했어요",
    unregistered: "지정하지 않은 계좌로 오늘 더 보낼 수 있는 돈",

    sms: "전화 대신 문자로 확인",
    smsLead: (minutes: number) =>
      `전화를 받기 어렵거나 해외에 있으면 문자 인증번호로 확인해요. 대신 ${minutes}분 뒤에 보내고, 그 전에는 취소할 수 있어요.`,

    device: "전화 대신 다른 기기로 확인",
    deviceLead:
      "전화를 받기 어렵거나 해외에 있으면, 미리 등록한 다른 기기의 패스키로 전화 확인이 필요한 이체를 확인해요.",
    deviceHow:
      "보안 키처럼 이 휴대폰이 아닌 한 기기에만 있는 패스키를 쓰세요. 계좌비밀번호와 간편비밀번호는 그대로 필요해요.",
    deviceWaits: (hours: number) =>
      hours === 0
        ? "등록하면 바로 쓸 수 있어요."
        : `등록하고 ${hours}시간 뒤부터 쓸 수 있어요. 등록하면 문자로 알려 드려요.`,
    deviceName: "기기 이름",
    deviceDefault: "내 보안 키",
    deviceAdd: "다른 기기 등록",
    deviceAdded: "다른 기기를 등록했어요",
    deviceRemoved: "지웠어요. 지금부터 쓸 수 없어요.",
    deviceRemoveLabel: (name: string) => `${name} 지우기`,
    deviceFrom: (at: string) => `${at}부터 쓸 수 있어요`,
    deviceSince: (at: string) => `${at}에 등록했어요`,
    noCall:
      "전화를 받기 어렵거나 해외에 있나요? 문자나 다른 기기를 등록하면 전화 없이 확인할 수 있어요.",
    deviceInstead: "다른 기기의 패스키로 확인",

    holdTitle: "이렇게 보내요",
    sendsAt: "보내는 때",
    cancelUntil: "취소 마감",
    untilSent: "보낼 때까지",
    why: {
      delay: "지연이체를 켜 두어서 기다렸다 보내요.",
      undo: "잘못 보냈을 때 되돌릴 시간이에요.",
      sms: "문자로 확인한 이체는 기다렸다 보내요.",
    } as Record<string, string>,
    left: (time: string) => `${time} 뒤에 보내요`,
    undoNow: "되돌리기",
    cancelNow: "이 이체 취소",
    pendingTitle: "아직 보내지 않았어요",
    pendingLead: (holder: string, amount: string, at: string) =>
      `${at}에 ${holder}님께 ${amount}을 보내요.`,
    tooLate: "취소할 시간이 지났어요. 곧 보내요.",
    cancelled: "취소했어요. 돈은 계좌에 그대로 있어요.",
    ended: {
      customer: "고객님이 취소했어요. 돈은 계좌에 그대로 있어요.",
      certificate_stopped: "인증서가 정지되어 보내지 않았어요. 돈은 계좌에 그대로 있어요.",
      order_altered: "은행의 이체 기록이 달라져 보내지 않았어요. 고객센터에 알려 주세요.",
      account_closed: "받는 계좌가 해지되어 보내지 않았어요. 돈은 계좌에 그대로 있어요.",
    } as Record<string, string>,
    endedOther: "보내지 못했어요. 돈은 계좌에 그대로 있어요.",
    heldTitle: "보내기 전 이체",
    heldLead: "서명했지만 아직 보내지 않은 이체예요.",
    heldCard: (count: number) => `보내기 전 이체가 ${count}건 있어요`,
    heldNone: "기다리는 이체가 없어요.",
    heldCancelLabel: (holder: string, amount: string) => `${holder}님께 보낼 ${amount} 취소`,
    toHeld: "보내기 전 이체 보기",
    endedTitle: "기다림이 끝난 이체",
    endedOlder: "다른 이체의 결과와 확인증은 계좌의 거래 내역에 있어요.",

    smsTitle: "문자로 온 인증번호를 입력하세요",
    smsInstead: (minutes: number) => `전화 대신 문자로 확인하고 ${minutes}분 뒤에 보내기`,
    smsSend: "인증번호 받기",
    smsWarn: "누군가 이 번호를 물어보면 사기예요. 은행도 묻지 않아요.",
    smsLeft: (time: string, tries: number) => `${time} 남음 · ${tries}번 더 할 수 있어요`,
  },
};
