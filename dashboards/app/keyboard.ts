import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { destinations } from './destinations.ts';

/** How long after `g` the second letter counts. */
const sequenceMs = 1_500;

/** Choices keep the focus when they are clicked, and take no letters. */
const choices = ['radio', 'checkbox', 'button', 'submit'];

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && choices.includes(target.type)) return false;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** True for a key that is meant for the page: nobody types, no dialog is open, no modifier is held. */
export function isForPage(event: KeyboardEvent): boolean {
  const dialogs = [...document.querySelectorAll('[role="dialog"]:not([aria-hidden="true"])')];
  const dialogOpen = dialogs.some((dialog) => dialog.checkVisibility());
  const held = event.ctrlKey || event.metaKey || event.altKey;
  return !held && !isTyping(event.target) && !dialogOpen && !event.defaultPrevented;
}

/** The keys of every page: `/`, `?` and `g` with a letter. */
export function useKeyboard({ search, help }: { search: () => void; help: () => void }): void {
  const navigate = useNavigate();
  useEffect(() => {
    let goingSince = -Infinity;
    const press = (event: KeyboardEvent) => {
      if (!isForPage(event)) return;
      const destination = destinations.find(({ letter }) => letter === event.key);
      // When the key was pressed counts, not when a busy page comes to look at it.
      if (event.timeStamp - goingSince < sequenceMs && destination !== undefined) {
        event.preventDefault();
        void navigate(destination.path);
      } else if (event.key === '/') {
        event.preventDefault();
        search();
      } else if (event.key === '?') {
        help();
      }
      goingSince = event.key === 'g' ? event.timeStamp : -Infinity;
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [help, navigate, search]);
}
