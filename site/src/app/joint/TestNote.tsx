import { useJointWords } from "./useJointWords.ts";

/** Says on every screen that shows such a certificate what it is not. */
export function TestNote({ notice }: { readonly notice?: string }) {
  const joint = useJointWords();
  return (
    <section class="note warn" data-testid="joint-test">
      <h2>{joint.testTitle}</h2>
      <p>{joint.test}</p>
      {notice !== undefined && (
        <p>
          {joint.notice}: “{notice}”
        </p>
      )}
    </section>
  );
}
