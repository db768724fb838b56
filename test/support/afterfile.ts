// Runs before each test file, of which many share a process and its modules: what a module keeps must not reach the next file.
import { afterAll } from 'vitest';
import { clearUp } from './project.ts';

// Long forms leave hundreds of folders.
const REMOVING = 600_000;
afterAll(clearUp, REMOVING);
