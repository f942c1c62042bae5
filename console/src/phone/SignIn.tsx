/** Sign in as a responder; the name and password that the county gave. */
import { useState } from "preact/hooks";
import { Problem } from "../data/api";
import { language, speak, t, type Language } from "../words/words";
import { phone } from "./desk";

export function SignIn() {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const again = phone.who.value !== null;
  const send = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setWrong(null);
    try {
      await phone.signIn(String(form.get("name")).trim(), String(form.get("password")));
    } catch (error) {
      setWrong(words(error));
    }
    setBusy(false);
  };
  return (
    <main class="page door">
      <img class="door-sign" src="/icon.svg" alt="" width="72" height="72" />
      <h1>{t("app.name")}</h1>
      <p class="soft">{again ? t("phone.sign-in.again") : t("phone.sign-in.what")}</p>
      <form class="stack" onSubmit={(event) => void send(event)}>
        <label class="field">
          {t("sign-in.name")}
          <input name="name" required autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck={false} />
        </label>
        <label class="field">
          {t("sign-in.password")}
          <input name="password" type="password" required autocomplete="current-password" />
        </label>
        {wrong === null ? null : (
          <p class="wrong" role="alert">
            {wrong}
          </p>
        )}
        <button class="wide wide-main" aria-disabled={busy} aria-busy={busy}>
          {busy ? t("phone.sign-in.busy") : t("sign-in")}
        </button>
      </form>
      <Tongues />
    </main>
  );
}

function words(error: unknown): string {
  if (!(error instanceof Problem)) return t("phone.sign-in.failed", { detail: String(error) });
  if (error.status === 429) return t("sign-in.later");
  if (error.passing) return t("sign-in.offline");
  if (error.status === 401 || error.status === 422) return t("sign-in.wrong");
  return t("phone.sign-in.failed", { detail: error.detail });
}

/** The two languages of the page, each by its own name. */
export function Tongues() {
  const tongue = (code: Language) => (
    <button type="button" class="choice" lang={code} aria-pressed={language.value === code} onClick={() => speak(code)}>
      {t(`language.${code}`)}
    </button>
  );
  return (
    <div class="choices">
      {tongue("sw")}
      {tongue("en")}
    </div>
  );
}
