// SPDX-License-Identifier: MIT
import '../elements/define.js';
import { RegardSiteElement } from './regard-site.js';

customElements.define('regard-site', RegardSiteElement);
