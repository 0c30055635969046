import { Button, Menu, Select, useMantineColorScheme } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../kit/dialog';
import type { AnswerTo } from '../lib/api';
import { logout } from '../lib/auth';
import { keysOn, switchKeys } from '../lib/keys';
import { browserZone, chooseZone, chosenZone, useZone } from '../lib/time';
import { texts } from '../texts/en';

/** Who is logged in, and how they like to see things. */
export function PersonMenu({ me }: { readonly me: AnswerTo<'/api/me'> }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [keys, setKeys] = useState(keysOn);
  const [finding, find] = useState(false);
  const { colours } = texts.person;
  return (
    <>
      <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button
            variant="subtle"
            size="compact-sm"
            aria-label={`${texts.person.menu}: ${me.name ?? me.person}`}
          >
            {me.name ?? me.person}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{me.person}</Menu.Label>
          <Menu.Label>{texts.roles([...new Set(me.grants.map(({ role }) => role))])}</Menu.Label>
          <Menu.Divider />
          <Menu.Label>{colours.label}</Menu.Label>
          <Menu.RadioGroup
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
          >
            {(['auto', 'light', 'dark'] as const).map((scheme) => (
              <Menu.RadioItem key={scheme} value={scheme} closeMenuOnClick>
                {colours[scheme]}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Zones offered={me.zones} onFind={() => find(true)} />
          <Menu.Divider />
          <Menu.CheckboxItem
            checked={keys}
            onChange={(on) => {
              switchKeys(on);
              setKeys(on);
            }}
          >
            {texts.person.keys}
          </Menu.CheckboxItem>
          {me.via === 'session' ? (
            <>
              <Menu.Divider />
              <Menu.Item
                onClick={() =>
                  void logout().then(({ redirect }) => window.location.assign(redirect ?? '/login'))
                }
              >
                {texts.person.logout}
              </Menu.Item>
            </>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {finding ? <FindZone onClose={() => find(false)} /> : null}
    </>
  );
}

/** In which zone times are told: that of the computer, those of the connections, or any other. */
function Zones({ offered, onFind }: { readonly offered: readonly string[]; readonly onFind: () => void }) {
  useZone();
  const words = texts.person.zones;
  const chosen = chosenZone();
  const others = [...new Set([...offered, ...(chosen === null ? [] : [chosen])])];
  return (
    <>
      <Menu.Divider />
      <Menu.Label>{words.label}</Menu.Label>
      <Menu.RadioGroup value={chosen ?? ''} onChange={(name) => chooseZone(name === '' ? null : name)}>
        {['', ...others].map((name) => (
          <Menu.RadioItem key={name} value={name} closeMenuOnClick>
            {name === '' ? words.browser(browserZone()) : name}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Item onClick={onFind}>{words.other}</Menu.Item>
    </>
  );
}

function FindZone({ onClose }: { readonly onClose: () => void }) {
  const words = texts.person.zones;
  return (
    <Dialog title={words.title} onClose={onClose}>
      <Select
        label={words.find}
        data={Intl.supportedValuesOf('timeZone')}
        value={chosenZone()}
        searchable
        limit={100}
        data-first
        // Above the dialog, which nothing outside of it is.
        comboboxProps={{ withinPortal: false }}
        onChange={(name) => {
          if (name !== null) chooseZone(name);
          onClose();
        }}
      />
    </Dialog>
  );
}
