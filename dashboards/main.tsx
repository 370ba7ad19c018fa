import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import './app/app.css';
import { startWords } from './app/i18n.ts';
import { usePreferences } from './app/preferences.ts';

const { language } = usePreferences.getState();
document.documentElement.lang = language;
await startWords(language);

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
