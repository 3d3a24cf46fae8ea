const NAME = "dojang.handset";

/** Which number this tab plays; it outlives a reload of the tab. */
export const chosenPhone = {
  read: (): string | null => sessionStorage.getItem(NAME),
  keep: (phone: string): void => sessionStorage.setItem(NAME, phone),
};
