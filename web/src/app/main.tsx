import 'virtual:theme.css';
import '../kit/mantine.css';
import './tokens.css';
import '../kit/base.css';
import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries } from './query-client';
import { router } from './router';
import { theme } from './theme';

// A page of an older build asks for files that are not there any more: the new one is loaded.
window.addEventListener('vite:preloadError', () => window.location.reload());

const root = document.getElementById('desk');
if (root === null) throw new Error('The page has no place for the Desk');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'desk-colours' })}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
