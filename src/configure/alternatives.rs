//! Alternatives: links that several packages offer.
