// The people of the demo data, by first name.
export const PASSWORD = 'demo-portal-2026';

/** @typedef {keyof typeof people} Person */
export const people = {
  olivia: 'olivia@northwind.example',
  adam: 'adam@northwind.example',
  bella: 'bella@northwind.example',
  dev: 'dev@northwind.example',
  mo: 'mo@northwind.example',
  gus: 'gus@globex.example',
  ines: 'ines@initech.example',
  mia: 'mia@foyer.example',
};
