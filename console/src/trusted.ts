/**
 * Let scripts come from this server alone, also where code asks for one by a string: the pages' policy
 * (`require-trusted-types-for 'script'`) hands every such string to the policy made here. Text can become a worker of
 * ours; it can never become HTML or code. Browsers without trusted types keep to the rest of the policy.
 *
 * The first import of every page. Next: the page's own `main`.
 */
interface Policies {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): unknown;
}

export function ownScript(address: string, here: string): string {
  if (new URL(address, here).origin !== new URL(here).origin) throw new TypeError("scripts come from this server alone");
  return address;
}

const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
policies?.createPolicy("default", { createScriptURL: (address) => ownScript(address, location.href) });
