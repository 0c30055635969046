import type { MantineColorsTuple, MantineThemeOverride } from '@mantine/core';
import { defaultVariantColorsResolver } from '@mantine/core';

const shades = (...colours: string[]): MantineColorsTuple => colours as unknown as MantineColorsTuple;

/** Contrast of text is 5.9 or more in both schemes; Mantine's own greys and blues are weaker. */
export const theme: MantineThemeOverride = {
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "Segoe UI Mono", Menlo, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  spacing: { xs: '0.25rem', sm: '0.5rem', md: '0.75rem', lg: '1rem', xl: '1.5rem' },
  defaultRadius: 6,
  primaryColor: 'desk',
  primaryShade: { light: 7, dark: 3 },
  // Not by Mantine's own reckoning, which knows the light scheme alone.
  variantColorResolver: (input) => {
    const colours = defaultVariantColorsResolver(input);
    return input.variant === 'filled' ? { ...colours, color: 'var(--on-primary)' } : colours;
  },
  components: { Checkbox: { defaultProps: { iconColor: 'var(--on-primary)' } } },
  respectReducedMotion: true,
  cursorType: 'pointer',
  colors: {
    desk: shades(
      '#edf4fc',
      '#d7e6f8',
      '#abcbf1',
      '#7db4f5',
      '#5291dd',
      '#3b7fd0',
      '#2a70c4',
      '#1a5fb4',
      '#164f96',
      '#103c73',
    ),
  },
};
