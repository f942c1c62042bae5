/** Say no with a reason: the second tap. Four reasons are one tap each, any other one is written. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type SignName } from "../look/icons";
import { t } from "../words/words";
import { REASONS, type Reason, type Standing } from "./asks";
import { phone } from "./desk";

const SIGNS: Readonly<Record<Reason, SignName>> = { far: "way", busy: "people", vehicle: "car", unsafe: "warning" };
const LONGEST = 200;

export function Decline({ standing: { ask }, onClose }: { standing: Standing; onClose: () => void }) {
  const [own, setOwn] = useState("");
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus({ preventScroll: true }), []);
  const say = (reason: string) => {
    void phone.answer(ask, "decline", reason);
    onClose();
  };
  return (
    <footer class="act" aria-labelledby="why-not">
      <h2 id="why-not" ref={head} tabIndex={-1}>
        {t("phone.why-not")}
      </h2>
      <div class="reasons">
        {(Object.keys(REASONS) as Reason[]).map((reason) => (
          <button key={reason} type="button" class="wide reason" onClick={() => say(REASONS[reason])}>
            <Icon sign={SIGNS[reason]} size="1.5rem" /> {t(`phone.reason.${reason}`)}
          </button>
        ))}
      </div>
      <form
        class="reason-own"
        onSubmit={(event) => {
          event.preventDefault();
          if (own.trim() !== "") say(own.trim());
        }}
      >
        <label class="unseen" for="own-reason">
          {t("phone.reason.own")}
        </label>
        <input id="own-reason" value={own} maxLength={LONGEST} placeholder={t("phone.reason.own")} onInput={(event) => setOwn(event.currentTarget.value)} />
        <button class="wide" aria-disabled={own.trim() === ""}>
          {t("phone.reason.send")}
        </button>
      </form>
      <button type="button" class="act-leave" onClick={onClose}>
        {t("phone.back")}
      </button>
    </footer>
  );
}
