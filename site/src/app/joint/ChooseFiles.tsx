import { chosenFiles } from "../../joint/chosenFiles.ts";
import type { ZipFile } from "../../joint/zip.ts";
import type { Task } from "../parts/useTask.ts";
import { useJointWords } from "./useJointWords.ts";

type Of = {
  readonly task: Task;
  readonly files: readonly ZipFile[] | null;
  readonly chosen: (files: readonly ZipFile[]) => void;
  readonly missing?: boolean;
};

/** A ZIP or a folder from this device; nothing is sent anywhere. */
export function ChooseFiles({ task, files, chosen, missing = false }: Of) {
  const joint = useJointWords();
  const take = (list: FileList | null): void => {
    if (list !== null && list.length > 0) task.run(() => chosenFiles(list), chosen);
  };
  return (
    <div class="field">
      <div class="pair-buttons">
        <Pick label={joint.chooseZip} testid="joint-zip" take={take} />
        <Pick label={joint.chooseFolder} testid="joint-folder" take={take} folder />
      </div>
      <p role="status" class="hint" data-testid="joint-chosen">
        {files === null ? "" : joint.chosen(files.length)}
      </p>
      {missing && (
        <span class="field-error" role="alert">
          {joint.filesMissing}
        </span>
      )}
    </div>
  );
}

type PickOf = {
  readonly label: string;
  readonly testid: string;
  readonly take: (list: FileList | null) => void;
  readonly folder?: boolean;
};

/** A file input that looks like a button. */
function Pick({ label, testid, take, folder = false }: PickOf) {
  return (
    <label class="button second take">
      {label}
      <input
        type="file"
        class="hidden"
        data-testid={testid}
        {...(folder ? { webkitdirectory: true } : { accept: ".zip" })}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
