import { Button } from "../../parts/Button";
import { choose, theme } from "../../look/theme";
import { language, speak, t } from "../../words/words";

/** Change between English and Kiswahili; the button says the other one, in that language. */
export function LanguageButton() {
  const other = language.value === "en" ? "sw" : "en";
  return (
    <Button tone="quiet" onClick={() => speak(other)} lang={other}>
      {t(`language.${other}`)}
    </Button>
  );
}

/** Change between day and night colours. */
export function ThemeButton() {
  const other = theme.value === "day" ? "night" : "day";
  return <Button tone="quiet" sign={other === "night" ? "moon" : "sun"} label={t(`theme.${other}`)} onClick={() => choose(other)} />;
}
