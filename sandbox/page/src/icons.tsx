import type { ReactNode } from "react";

/** Line icons, 20 × 20, drawn with the text's colour. Always decoration: the control beside them carries the name. */
function Icon({ children, size = 20 }: { readonly children: ReactNode; readonly size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const CloseIcon = (): ReactNode => (
  <Icon size={18}>
    <path d="M4.5 4.5l11 11M15.5 4.5l-11 11" />
  </Icon>
);

export const BackIcon = (): ReactNode => (
  <Icon size={18}>
    <path d="M12 4l-6 6 6 6" />
  </Icon>
);

export const HashIcon = (): ReactNode => (
  <Icon size={16}>
    <path d="M8 3L6.3 17M13.7 3L12 17M3.5 7.4h13.6M2.9 12.6h13.6" />
  </Icon>
);

export const SendIcon = (): ReactNode => (
  <svg width="16" height="16" viewBox="0 0 20 20" fill="currentColor" aria-hidden="true">
    <path d="M2.2 2.9c-.3-.9.6-1.6 1.4-1.2l14 7.2c.8.4.8 1.6 0 2l-14 7.2c-.8.4-1.7-.3-1.4-1.2l2-5.7 6.3-1.3-6.3-1.3-2-5.7z" />
  </svg>
);

export const EyeIcon = (): ReactNode => (
  <Icon size={14}>
    <path d="M1.8 10S4.8 4.5 10 4.5 18.200 10 18.200 10 15.200 15.500 10 15.500 1.800 10 1.800 10z" />
    <circle cx="10" cy="10" r="2.500" />
  </Icon>
);

export const ThreadIcon = (): ReactNode => (
  <Icon size={16}>
    <path d="M3 4.500h14v9H9l-3.500 3v-3H3z" />
    <path d="M6.500 8h7M6.500 10.500h4.500" />
  </Icon>
);

export const MenuIcon = (): ReactNode => (
  <Icon>
    <path d="M3 5.500h14M3 10h14M3 14.500h14" />
  </Icon>
);

export const SunIcon = (): ReactNode => (
  <Icon size={18}>
    <circle cx="10" cy="10" r="3.400" />
    <path d="M10 2v1.800M10 16.200V18M2 10h1.800M16.200 10H18M4.300 4.300l1.300 1.300M14.400 14.400l1.300 1.300M15.700 4.300l-1.300 1.300M5.600 14.400l-1.300 1.300" />
  </Icon>
);

export const MoonIcon = (): ReactNode => (
  <Icon size={18}>
    <path d="M16.500 12.200A7 7 0 0 1 7.800 3.500a7 7 0 1 0 8.700 8.700z" />
  </Icon>
);

export const WarningIcon = (): ReactNode => (
  <Icon size={16}>
    <path d="M10 2.800l8 14H2z" />
    <path d="M10 8v4M10 14.600v.1" />
  </Icon>
);

export const LockIcon = (): ReactNode => (
  <Icon size={14}>
    <rect x="4" y="9" width="12" height="8" rx="1.500" />
    <path d="M6.500 9V6.500a3.500 3.500 0 0 1 7 0V9" />
  </Icon>
);
