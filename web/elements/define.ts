// SPDX-License-Identifier: MIT
// Defines all elements.
import './arcs/define.js';
import './heads/define.js';
import './heatmap/define.js';
import './picture/define.js';
import './self-attention/define.js';
import './translate/define.js';
