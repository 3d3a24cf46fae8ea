import { enJoint } from "../../words/en.joint.ts";
import { koJoint, type JointWords } from "../../words/ko.joint.ts";
import { useCell } from "../state/cell.ts";
import { settings } from "../state/settings.ts";

/** The words of this area; they are loaded with it and not with the app. */
export function useJointWords(): JointWords {
  return useCell(settings.cell).locale === "en" ? enJoint : koJoint;
}
