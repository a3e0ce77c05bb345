// SPDX-License-Identifier: MIT
// The elements' classes; importing them defines nothing.
export { RegardArcsElement } from './arcs/regard-arcs.js';
export { RegardHeadsElement } from './heads/regard-heads.js';
export { RegardHeatmapElement } from './heatmap/regard-heatmap.js';
export { RegardPictureElement, type PictureView } from './picture/regard-picture.js';
export {
  RegardSelfAttentionElement,
  type SelfAttention,
} from './self-attention/regard-self-attention.js';
export { RegardTranslateElement } from './translate/regard-translate.js';
export { attentionOf, type Attention, type AttentionKind, type HeadChoice } from './attention.js';
export { ENGLISH_TO_CHINESE, type Languages } from './languages.js';
export { MEAN } from './matrix.js';
export type { HeadPlace } from './off.js';
