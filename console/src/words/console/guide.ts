/** The style guide: each as [English, Kiswahili]. */
export const guide = {
  "guide.title": ["Style guide", "Mwongozo wa mwonekano"],
  "guide.what": ["Every colour, size, sign and part of the pages, by day and by night.", "Kila rangi, ukubwa, alama na sehemu ya kurasa, mchana na usiku."],
  "guide.colours": ["Colours", "Rangi"],
  "guide.type": ["Type", "Maandishi"],
  "guide.severities": ["Severities", "Ukubwa wa hatari"],
  "guide.hazards": ["Hazards by severity", "Aina za dharura kwa ukubwa"],
  "guide.signs": ["Signs", "Alama"],
  "guide.buttons": ["Buttons: usual, with a key, sign only, busy, not possible", "Vitufe: vya kawaida, vyenye kitufe, alama tu, vinavyofanya kazi, visivyowezekana"],
  "guide.forms": ["Forms", "Fomu"],
  "guide.dialog": ["A dialog", "Kidirisha"],
  "guide.dialog-what": ["Esc closes it and gives the focus back.", "Esc hukifunga na kurudisha umakini."],
  "guide.parts": ["Parts: ages, deadlines, shares, marks, words of strangers", "Sehemu: umri, muda, viwango, alama, maneno ya wageni"],
  "guide.states": ["States of the page", "Hali za ukurasa"],
} as const;
