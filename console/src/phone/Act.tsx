/** What one can say: one tap each, and safe to tap twice. It stays at the foot of the screen, under the thumb. */
import { useState } from "preact/hooks";
import { Icon, type SignName } from "../look/icons";
import { timeOfDay } from "../parts/spans";
import { tick } from "../parts/tick";
import { t } from "../words/words";
import { going, next, type Answer, type Standing } from "./asks";
import { Decline } from "./Decline";
import { phone } from "./desk";

const SIGNS: Readonly<Partial<Record<Answer, SignName>>> = { accept: "check", enroute: "car", arrived: "arrived", done: "check" };
const STEPS = ["accepted", "enroute", "arrived", "done"] as const;

export function Act({ standing }: { standing: Standing }) {
  const { ask, phase } = standing;
  const [declining, setDeclining] = useState(false);
  const step = next(phase);
  if (declining) return <Decline standing={standing} onClose={() => setDeclining(false)} />;
  const late = phase === "offered" && tick.value > Date.parse(ask.deadline);
  return (
    <footer class="act">
      {going(phase) ? <Steps standing={standing} /> : null}
      <Taken standing={standing} />
      {phone.ring.ringing.value && phone.ring.sound.value === "on" && phase === "offered" ? (
        <button type="button" class="wide act-silence" onClick={() => phone.look(ask.id)}>
          <Icon sign="mute" size="1.25rem" /> {t("phone.ask.silence")}
        </button>
      ) : null}
      {late ? <p class="act-late">{t("phone.ask.over")}</p> : null}
      <div class={phase === "offered" ? "act-two" : "act-one"}>
        {phase === "offered" ? (
          <button type="button" class="wide act-no" onClick={() => setDeclining(true)}>
            {t("phone.decline")}
          </button>
        ) : null}
        {step ? (
          <button type="button" class="wide act-yes" onClick={() => void phone.answer(ask, step)}>
            <Icon sign={SIGNS[step] ?? "check"} size="1.75rem" /> {t(`phone.${step}` as "phone.accept")}
          </button>
        ) : null}
      </div>
      {phase === "accepted" || phase === "enroute" ? (
        <button type="button" class="act-leave" onClick={() => setDeclining(true)}>
          {t("phone.cannot-after-all")}
        </button>
      ) : null}
    </footer>
  );
}

/** Whether what was said has arrived: it shows at once, and says so when it did. */
function Taken({ standing }: { standing: Standing }) {
  const { ask, waiting } = standing;
  const last = waiting.at(-1);
  if (last) {
    const time = timeOfDay(last.at).slice(0, 5);
    return (
      <p class="taken taken-waiting" role="status">
        <Icon sign={last.tries > 0 ? "offline" : "send"} size="1.25rem" />
        {t(last.tries > 0 ? "phone.said.waiting" : "phone.said.sending", { time })}
      </p>
    );
  }
  const at = ask.arrived_at ?? ask.enroute_at ?? ask.answered_at;
  if (at === undefined || !going(ask.state)) return null;
  return (
    <p class="taken" role="status">
      <Icon sign="check" size="1.25rem" />
      {t("phone.said.taken", { time: timeOfDay(at).slice(0, 5) })}
    </p>
  );
}

function Steps({ standing: { phase } }: { standing: Standing }) {
  const at = STEPS.findIndex((step) => step === phase);
  return (
    <ol class="steps" aria-label={t("phone.steps")}>
      {STEPS.map((step, n) => (
        <li key={step} class={n <= at ? "step step-past" : "step"} aria-current={n === at ? "step" : undefined}>
          {t(`phone.step.${step}`)}
        </li>
      ))}
    </ol>
  );
}
