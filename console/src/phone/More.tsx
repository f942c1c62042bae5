/** What is set once: language, colours, sound, the home screen, and signing out. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Icon } from "../look/icons";
import { choose, theme } from "../look/theme";
import { t } from "../words/words";
import { phone } from "./desk";
import { newer } from "./served";
import { Tongues } from "./SignIn";

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

/** The browser offers to put the page on the home screen; it is asked when the person wants it. */
const offer = signal<InstallPrompt | null>(null);
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer.value = event as InstallPrompt;
});
addEventListener("appinstalled", () => (offer.value = null));

export function More() {
  const sound = phone.ring.sound.value;
  const night = theme.value === "night";
  return (
    <section class="card stack">
      <h2>{t("phone.more")}</h2>
      {newer.value ? <p class="soft">{t("phone.version")}</p> : null}
      {sound === "off" ? <p class="wrong">{t("phone.sound.is-off")}</p> : null}
      <button type="button" class="wide" onClick={() => void phone.ring.enable()}>
        <Icon sign="sound" size="1.5rem" /> {t(sound === "off" ? "phone.sound.first" : "phone.sound.test")}
      </button>
      {sound === "on" || sound === "asleep" ? (
        <button type="button" class="wide" onClick={() => phone.ring.disable()}>
          <Icon sign="mute" size="1.5rem" /> {t("phone.sound.off")}
        </button>
      ) : null}
      <Tongues />
      <button type="button" class="wide" onClick={() => choose(night ? "day" : "night")}>
        <Icon sign={night ? "sun" : "moon"} size="1.5rem" /> {t(night ? "theme.day" : "theme.night")}
      </button>
      {offer.value ? (
        <button type="button" class="wide" onClick={() => void offer.value?.prompt()}>
          <Icon sign="home" size="1.5rem" /> {t("phone.install")}
        </button>
      ) : null}
      <SignOut />
    </section>
  );
}

function SignOut() {
  const [sure, setSure] = useState(false);
  const waiting = phone.said.value.filter((each) => each.refused === null).length;
  if (!sure) {
    return (
      <button type="button" class="wide" onClick={() => setSure(true)}>
        <Icon sign="leave" size="1.5rem" /> {t("sign-out")}
      </button>
    );
  }
  return (
    <div class="refused" role="alert">
      <p>{t("phone.sign-out.sure")}</p>
      {waiting > 0 ? (
        <p>
          <strong>{t("phone.sign-out.waiting", { n: waiting })}</strong>
        </p>
      ) : null}
      <button type="button" class="wide wide-bad" onClick={() => void phone.signOut()}>
        {t("sign-out")}
      </button>
      <button type="button" class="wide" onClick={() => setSure(false)}>
        {t("phone.stay")}
      </button>
    </div>
  );
}
