import { useEffect, useState } from "preact/hooks";

import { Icon } from "../parts/Icon.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useTask } from "../parts/useTask.ts";
import { useCell } from "../state/cell.ts";
import { route } from "../state/route.ts";
import { useWords } from "../state/words.ts";
import { flow } from "./flow.ts";
import { GiveUp } from "./GiveUp.tsx";
import { picture, type Shown } from "./picture.ts";
import { placeOf } from "./places.ts";
import { useSteps } from "./useSteps.ts";

type Of = { readonly kind: "id-card" | "face" };

export const IdCard = () => <Picture kind="id-card" />;
export const Face = () => <Picture kind="face" />;

/** A picture is taken or chosen, looked at, and only then sent. */
function Picture({ kind }: Of) {
  const { opening } = useWords();
  const steps = useSteps();
  const words = kind === "face" ? opening.face : opening.card;
  const several = (useCell(flow.state)?.asked.length ?? 0) > 1;
  const [shown, show] = useState<Shown | null>(null);
  const [tried, setTried] = useState(false);
  const task = useTask();
  useEffect(() => () => (shown === null ? undefined : URL.revokeObjectURL(shown.url)), [shown]);
  const take = (file: File | undefined): void => {
    if (file !== undefined) task.run(() => picture(file), show);
  };
  const send = (): void => {
    setTried(true);
    if (shown === null) return;
    task.run(
      () => flow.show(kind, shown.blob),
      (state) => route.go(placeOf(state)),
      () => {
        show(null);
        setTried(false);
        return false;
      },
    );
  };
  return (
    <Screen
      name={`opening-${kind}`}
      title={words.title}
      lead={words.lead}
      steps={steps}
      {...(several ? { back: "/opening/which" } : {})}
      problem={task.problem}
      action={{ label: opening.sendPicture, busy: task.busy, run: send }}
      foot={<GiveUp />}
    >
      {shown === null ? (
        <div class={`shot ${kind}`} aria-hidden="true">
          <Icon name="camera" />
        </div>
      ) : (
        <img class={`shot ${kind}`} src={shown.url} alt={words.preview} data-testid="preview" />
      )}
      <div class="pair-buttons">
        <Take label={opening.takePicture} camera={kind} busy={task.busy} take={take} />
        <Take label={opening.choosePicture} busy={task.busy} take={take} />
      </div>
      {tried && shown === null && (
        <p class="field-error" role="alert">
          {opening.pictureMissing}
        </p>
      )}
      <ul class="hints">
        {words.hints.map((hint) => (
          <li key={hint}>{hint}</li>
        ))}
      </ul>
      <p class="note">{opening.pictureKept}</p>
    </Screen>
  );
}

type TakeOf = {
  readonly label: string;
  readonly camera?: Of["kind"];
  readonly busy: boolean;
  readonly take: (file: File | undefined) => void;
};

/** A file input that looks like a button; with `camera` a phone opens its camera at once. */
function Take({ label, camera, busy, take }: TakeOf) {
  const facing = camera === "face" ? "user" : "environment";
  return (
    <label class="button second take">
      {label}
      <input
        type="file"
        accept="image/jpeg,image/png"
        class="hidden"
        disabled={busy}
        {...(camera === undefined ? {} : { capture: facing })}
        data-testid={camera === undefined ? "choose-picture" : "take-picture"}
        onChange={(event) => {
          take(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
