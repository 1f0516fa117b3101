//! Mistakes in the files, as data: what is wrong, where, and how to mend it.
//!
//! They are collected rather than returned one by one, because whoever writes a cluster file wants to mend it once. The
//! picture of the source line is drawn by rustc's own renderer (`annotate-snippets`).

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::source::{Place, Unreadable};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diagnostic {
    title: String,
    /// The first is the place of the mistake, the others what it disagrees with.
    labels: Vec<Label>,
    help: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    place: Place,
    text: String,
}

impl From<Unreadable> for Diagnostic {
    fn from(unreadable: Unreadable) -> Self {
        Self::new(unreadable.to_string())
    }
}

impl Diagnostic {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// Underlines a place: the first one strongly, as the place of the mistake.
    pub(super) fn at(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: place.clone(), text: text.into() });
        self
    }

    /// Says how to mend it.
    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Whether this advice was given.
    pub(super) fn advises(&self, text: &str) -> bool {
        self.help.iter().any(|help| help == text)
    }

    /// Where it belongs in the order of messages.
    fn position(&self) -> (&str, usize) {
        self.labels.first().map_or(("", 0), |label| (label.place.source.path.as_str(), label.place.span.start))
    }

    fn render(&self, renderer: &Renderer) -> String {
        let mut group = Group::with_title(Level::ERROR.primary_title(self.title.as_str()));
        let mut rest: Vec<(usize, &Label)> = self.labels.iter().enumerate().collect();
        // One picture for each file, in the order in which the files are first named.
        while let Some((_, first)) = rest.first() {
            let source = &first.place.source;
            let (here, others): (Vec<_>, Vec<_>) =
                rest.iter().copied().partition(|(_, label)| label.place.source.path == source.path);
            let snippet = Snippet::source(source.text.as_str()).path(source.path.as_str()).annotations(
                here.into_iter().map(|(index, label)| {
                    let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                    let text = (!label.text.is_empty()).then_some(label.text.as_str());
                    kind.span(label.place.span.clone()).label(text)
                }),
            );
            group = group.element(snippet);
            rest = others;
        }
        for help in &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }
}

/// Everything that is wrong, in the order of the files' lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Notes a mistake, once: a default that is wrong is found again at every node that takes it.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        if !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// How many mistakes there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The messages for a terminal that shows colours, or for everything else.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut sorted: Vec<&Diagnostic> = self.list.iter().collect();
        // Stable: of two messages about one place the more general was found first.
        sorted.sort_by(|a, b| a.position().cmp(&b.position()));
        let rendered: Vec<String> = sorted.into_iter().map(|diagnostic| diagnostic.render(&renderer)).collect();
        rendered.join("\n\n")
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { list: vec![diagnostic] }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
