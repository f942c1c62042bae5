import { Icon, SIGNS, type SignName } from "../look/icons";
import { HAZARDS, SEVERITIES } from "../data/contract";
import { HazardIcon } from "../parts/HazardIcon";
import { Severity } from "../parts/Severity";
import { t } from "../words/words";
import { LanguageButton } from "../console/bar/Looks";
import { Buttons, Forms, Parts, States } from "./Parts";
import { COLOURS, SIZES } from "./tokens";

/** Both themes side by side: what differs between them shows at once. */
export function Guide() {
  return (
    <>
      <header class="guide-head">
        <h1>{t("guide.title")}</h1>
        <p>{t("guide.what")}</p>
        <LanguageButton />
      </header>
      <div class="guide-both">
        {(["day", "night"] as const).map((theme) => (
          <section key={theme} class="guide-theme" data-theme={theme} aria-label={t(`theme.${theme}`)}>
            <h2>{t(`theme.${theme}`)}</h2>
            <Colours />
            <Sizes />
            <Severities />
            <Hazards />
            <Signs />
            <Buttons />
            <Forms />
            <Parts />
            <States />
          </section>
        ))}
      </div>
    </>
  );
}

function Colours() {
  return (
    <article>
      <h3>{t("guide.colours")}</h3>
      <ul class="guide-colours">
        {COLOURS.map((name) => (
          <li key={name}>
            <span class="guide-swatch" style={{ background: `var(--${name})` }} />
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </article>
  );
}

function Sizes() {
  return (
    <article>
      <h3>{t("guide.type")}</h3>
      {SIZES.map((name) => (
        <p key={name} style={{ fontSize: `var(--size-${name})` }}>
          {t("app.name")} <span class="figures">0123456789</span> <code>size-{name}</code>
        </p>
      ))}
    </article>
  );
}

function Severities() {
  return (
    <article>
      <h3>{t("guide.severities")}</h3>
      <p class="guide-row">
        {SEVERITIES.map((level) => (
          <Severity key={level} level={level} />
        ))}
      </p>
    </article>
  );
}

function Hazards() {
  return (
    <article>
      <h3>{t("guide.hazards")}</h3>
      <table class="guide-hazards">
        <tbody>
          {HAZARDS.map((hazard) => (
            <tr key={hazard}>
              <th scope="row">{t(`hazard.${hazard}`)}</th>
              {SEVERITIES.map((severity) => (
                <td key={severity}>
                  <HazardIcon hazard={hazard} severity={severity} size="2rem" />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </article>
  );
}

function Signs() {
  return (
    <article>
      <h3>{t("guide.signs")}</h3>
      <ul class="guide-signs">
        {(Object.keys(SIGNS) as SignName[]).map((name) => (
          <li key={name}>
            <Icon sign={name} size="1.5rem" />
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </article>
  );
}
