/** The page: the one ask first, everything else under it. */
import { theme } from "../look/theme";
import { t } from "../words/words";
import { AskView } from "./Ask";
import { Banner } from "./Banner";
import { phone } from "./desk";
import { Others, Past } from "./Past";
import { Reporting } from "./Report";
import { More } from "./More";
import { Shift } from "./Shift";
import { SignIn } from "./SignIn";
import { SoundStep } from "./Sound";
import { Warnings } from "./Warnings";

export function App() {
  void theme.value;
  if (phone.stage.value === "reading") return <p class="starting">{t("app.name")}</p>;
  if (phone.stage.value === "out") return <SignIn />;
  if (phone.who.value?.person === null) return <Stranger />;
  const standing = phone.ask.value;
  return (
    <>
      <Banner />
      <main class="page">
        {standing ? <AskView key={standing.ask.id} standing={standing} /> : <Quiet />}
        <Others />
        <SoundStep />
        <Shift />
        {phone.ward.value ? <Warnings /> : null}
        <Reporting />
        <Past />
        <More />
      </main>
    </>
  );
}

function Quiet() {
  return (
    <section class="quiet">
      {/* Before the first picture nobody knows whether something is asked. */}
      <h1>{phone.store.ready.value ? t("phone.quiet") : t("phone.line.starting")}</h1>
      {phone.onShift.value ? <p>{t("phone.quiet.on")}</p> : null}
    </section>
  );
}

function Stranger() {
  return (
    <main class="page">
      <section class="card">
        <h1>{phone.who.value?.name}</h1>
        <p>{t("phone.not-responder")}</p>
        <a class="wide" href="/console">
          {t("phone.to-console")}
        </a>
        <button type="button" class="wide" onClick={() => void phone.signOut()}>
          {t("sign-out")}
        </button>
      </section>
    </main>
  );
}
