import { useSignal } from "@preact/signals";
import { Button } from "../../parts/Button";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import { areas, exercise, session, signOut, wall } from "../desk";
import { notify } from "../work/notices";
import { inWords } from "../work/problems";
import { nameOf } from "../places";
import { openSheet } from "../keys";
import { LineChip } from "./Banner";
import { DeadLetters } from "./DeadLetters";
import { FeedStrip } from "./FeedStrip";
import { LanguageButton, ThemeButton } from "./Looks";
import { SoundButton } from "./SoundButton";
import { Popover } from "./Popover";

/** The bar above everything: whose desk this is, whether what it shows is fresh, and what concerns the whole page. */
export function TopBar() {
  return (
    <header class="bar">
      <div class="bar-name">
        <img src="/icon.svg" alt="" width="28" height="28" />
        <h1>
          {t("app.name")} <span class="bar-area">{areas.value.map((path) => (path === "KE" ? t("area.country") : nameOf(path))).join(", ")}</span>
        </h1>
        {exercise.value ? <strong class="exercise">{t("exercise")}</strong> : null}
      </div>
      <LineChip />
      <FeedStrip />
      <div class="bar-tools">
        <DeadLetters />
        <SoundButton />
        <Button
          tone="quiet"
          sign="expand"
          label={t("wall")}
          class="tool-wall"
          aria-pressed={wall.value}
          onClick={() => (wall.value = !wall.value)}
        />
        <LanguageButton />
        <ThemeButton />
        <Button tone="quiet" sign="help" label={t("keys")} class="tool-keys" onClick={openSheet} />
        <AccountMenu />
      </div>
    </header>
  );
}

function AccountMenu() {
  const open = useSignal(false);
  const account = session.account.value;
  if (!account) return null;
  const out = async () => {
    open.value = false;
    const trouble = await signOut();
    if (trouble) notify("bad", inWords(trouble));
  };
  return (
    <Popover
      open={open}
      button={
        <>
          <Icon sign="responder" />
          <span class="account-name">{account.display_name}</span>
        </>
      }
      label={t("account", { name: account.display_name })}
    >
      <p class="account-who">
        <strong>{account.display_name}</strong>
        {account.roles.map(({ role, area }) => (
          <span key={role + area}>
            {t(`role.${role as "operator" | "responder" | "agency" | "admin"}`)}, {area === "KE" ? t("area.country") : nameOf(area)}
          </span>
        ))}
      </p>
      <Button sign="leave" onClick={() => void out()}>
        {t("sign-out")}
      </Button>
    </Popover>
  );
}
