// SPDX-License-Identifier: MIT
import type { CreateModule } from './module.js';

declare const create: CreateModule;
export default create;
