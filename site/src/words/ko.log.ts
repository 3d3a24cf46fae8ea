/** Words for the bank's log: what was ever issued in my name, and a history that was rewritten. */
export const koLog = {
  log: {
    title: "내 이름으로 발급된 모든 인증서",
    lead: "은행이 지우거나 고칠 수 없는 기록에서 가져왔어요. 기록에 들어 있다는 증명을 이 휴대전화가 하나씩 확인했어요.",
    here: "이 휴대전화",
    kinds: {
      "certificate.issued": "발급",
      "certificate.reissued": "재발급",
    } as Record<string, string>,
    at: "발급한 때",
    auth: "로그인용 일련번호",
    sign: "서명용 일련번호",
    place: "기록의 자리",
    placeOf: (index: number) => `${index}번 · 증명 확인됨`,
    recordTitle: "확인한 기록",
    size: "기록의 길이",
    sizeOf: (size: number) => `${size.toLocaleString("ko-KR")}건`,
    signedAt: "은행이 서명한 때",
    root: "기록의 지문",
    unknownTitle: "모르는 인증서가 있나요?",
    unknownLead: "내가 발급하지 않은 인증서가 보이면 바로 사고신고를 하고 고객센터로 전화해 주세요.",
    rewrittenTitle: "은행의 기록이 전과 달라요",
    rewrittenLead:
      "이 휴대전화가 전에 본 은행 기록과 지금 은행이 보여 준 기록이 이어지지 않아요. 지나간 기록은 바뀔 수 없어야 해요. 안전을 위해 로그아웃했고, 이 상태로는 아무것도 서명하지 않아요.",
    rewrittenTodo:
      "증거를 저장하고 고객센터로 전화해 주세요. 저장한 파일에는 두 기록이 서명과 함께 들어 있어요.",
    kept: "전에 본 기록",
    shown: "지금 보여 준 기록",
    notShown: "기록을 보여 주지 않았어요",
    save: "증거 저장",
  },
};
