// SPDX-License-Identifier: MIT
import '../picture/define.js';
import { RegardSelfAttentionElement } from './regard-self-attention.js';

if (!customElements.get('regard-self-attention')) {
  customElements.define('regard-self-attention', RegardSelfAttentionElement);
}

declare global {
  interface HTMLElementTagNameMap {
    'regard-self-attention': RegardSelfAttentionElement;
  }
}
