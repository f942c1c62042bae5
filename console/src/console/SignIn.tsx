import { useRef, useState } from "preact/hooks";
import { Problem } from "../data/api";
import { Button } from "../parts/Button";
import { t } from "../words/words";
import { LanguageButton, ThemeButton } from "./bar/Looks";
import { session } from "./desk";

/** The form alone: on a page of its own, or over the open desk when the session is over. */
export function SignInForm({ autoName = "" }: { autoName?: string }) {
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const enter = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setTrouble(null);
    try {
      await session.signIn(name.current?.value.trim() ?? "", password.current?.value ?? "");
    } catch (error) {
      setTrouble(why(error));
      password.current?.select();
      password.current?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="sign-in-form" onSubmit={(event) => void enter(event)} method="post">
      <label>
        {t("sign-in.name")}
        <input ref={name} data-first name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required defaultValue={autoName} />
      </label>
      <label>
        {t("sign-in.password")}
        <input ref={password} name="password" type="password" autocomplete="current-password" required />
      </label>
      <p class="sign-in-trouble" role="alert">
        {trouble}
      </p>
      <Button type="submit" tone="main" busy={busy}>
        {busy ? t("sign-in.busy") : t("sign-in")}
      </Button>
    </form>
  );
}

/** The page of whoever is not known yet. */
export function SignIn() {
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <img src="/icon.svg" alt="" width="56" height="56" />
        <h1>{t("app.name")}</h1>
        <p class="sign-in-what">{t("sign-in.what")}</p>
        <SignInForm />
        <div class="sign-in-looks">
          <LanguageButton />
          <ThemeButton />
        </div>
      </div>
    </main>
  );
}

function why(error: unknown): string {
  if (!(error instanceof Problem)) return t("problem.internal");
  if (error.code === "offline") return t("sign-in.offline");
  if (error.status === 401) return t("sign-in.wrong");
  if (error.status === 429) return t("sign-in.later");
  return error.detail;
}
