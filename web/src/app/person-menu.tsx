import { Button, Menu, useMantineColorScheme } from '@mantine/core';
import { useState } from 'react';
import type { AnswerTo } from '../lib/api';
import { logout } from '../lib/auth';
import { keysOn, switchKeys } from '../lib/keys';
import { zone } from '../lib/time';
import { texts } from '../texts/en';

/** Who is logged in, and how they like to see things. */
export function PersonMenu({ me }: { readonly me: AnswerTo<'/api/me'> }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [keys, setKeys] = useState(keysOn);
  const { colours } = texts.person;
  return (
    <Menu position="bottom-end" withinPortal={false}>
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
        <Menu.Label>{texts.person.zone(zone())}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>{colours.label}</Menu.Label>
        {(['auto', 'light', 'dark'] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            leftSection={colorScheme === scheme ? '✓' : ' '}
            onClick={() => setColorScheme(scheme)}
          >
            {colours[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          role="menuitemcheckbox"
          aria-checked={keys}
          closeMenuOnClick={false}
          leftSection={keys ? '✓' : ' '}
          onClick={() => {
            switchKeys(!keys);
            setKeys(!keys);
          }}
        >
          {texts.person.keys}
        </Menu.Item>
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
  );
}
