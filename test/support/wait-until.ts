// Polls a condition instead of sleeping a guessed time.
export { waitUntil } from '../../tools/support/wait-until.mjs';
