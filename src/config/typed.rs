//! Values of a parsed TOML document as serde's data model, so that a value of the wrong form is a [`Mistake`] that says
//! of which kind, and where.
//!
//! The deserializer of the crate `toml` knows as much and gives it out as English text. Nobody should have to read that
//! text to find out which key was unknown.

use std::fmt::Display;
use std::ops::Range;

use serde::de::value::StrDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_spanned::de::{SpannedDeserializer, is_spanned};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Why a document is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) kind: MistakeKind,
    /// In bytes: the key that is unknown, the table that lacks one, else the value.
    pub(super) span: Option<Range<usize>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MistakeKind {
    UnknownKey {
        key: String,
        known: &'static [&'static str],
    },
    MissingKey(&'static str),
    UnknownValue {
        value: String,
        known: &'static [&'static str],
    },
    /// Both as they stand in a sentence: "a whole number", "a string".
    Form {
        expected: String,
        found: String,
    },
    /// What a type of its own says of a text that it cannot read ("invalid IPv4 address syntax").
    Other(String),
}

impl Mistake {
    fn new(kind: MistakeKind) -> Self {
        Self { kind, span: None }
    }

    /// Notes where it is; a place that is known already is nearer to it.
    fn within(mut self, span: &Range<usize>) -> Self {
        self.span.get_or_insert_with(|| span.clone());
        self
    }
}

impl Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.kind {
            MistakeKind::UnknownKey { key, .. } => write!(f, "unknown key `{key}`"),
            MistakeKind::MissingKey(key) => write!(f, "the key `{key}` is missing"),
            MistakeKind::UnknownValue { value, .. } => write!(f, "`{value}` is none of the values of this key"),
            MistakeKind::Form { expected, .. } => write!(f, "expected {expected}"),
            MistakeKind::Other(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: Display>(text: T) -> Self {
        Self::new(MistakeKind::Other(text.to_string()))
    }

    /// Only for types with a form of their own; [`Value`] itself looks at the forms that TOML has.
    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(MistakeKind::Form { expected: expected.to_string(), found: found.to_string() })
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(value: &str, known: &'static [&'static str]) -> Self {
        Self::new(MistakeKind::UnknownValue { value: value.to_owned(), known })
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::new(MistakeKind::UnknownKey { key: key.to_owned(), known })
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(MistakeKind::MissingKey(key))
    }
}

/// One value of a document.
pub(super) struct Value<'de> {
    content: DeValue<'de>,
    span: Range<usize>,
}

impl<'de> Value<'de> {
    /// A whole document.
    pub(super) fn document(table: Spanned<DeTable<'de>>) -> Self {
        let span = table.span();
        Self { content: DeValue::Table(table.into_inner()), span }
    }

    /// What it is, in the words of someone who writes TOML.
    fn form(&self) -> String {
        match &self.content {
            DeValue::String(_) => "a string".to_owned(),
            DeValue::Integer(number) => format!("an integer `{number}`"),
            DeValue::Float(number) => format!("a floating point `{}`", number.as_str()),
            DeValue::Boolean(value) => format!("a boolean `{value}`"),
            DeValue::Datetime(_) => "a date".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        }
    }

    fn instead_of(&self, expected: &str) -> Mistake {
        Mistake::new(MistakeKind::Form { expected: expected.to_owned(), found: self.form() }).within(&self.span)
    }

    /// Gives the value on if it `fits` what was asked for.
    fn of_form<V: Visitor<'de>>(self, fits: bool, expected: &str, visitor: V) -> Result<V::Value, Mistake> {
        if fits { self.deserialize_any(visitor) } else { Err(self.instead_of(expected)) }
    }

    /// A number that `T` can hold; `expected` says whether it may be negative.
    fn number<T: TryFrom<i128>>(&self, expected: &str) -> Result<T, Mistake> {
        let DeValue::Integer(number) = &self.content else { return Err(self.instead_of(expected)) };
        let number = i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(i128::MAX);
        T::try_from(number).map_err(|_| self.instead_of(if number < 0 { expected } else { "a smaller number" }))
    }
}

impl<'de> From<Spanned<DeValue<'de>>> for Value<'de> {
    fn from(value: Spanned<DeValue<'de>>) -> Self {
        let span = value.span();
        Self { content: value.into_inner(), span }
    }
}

impl<'de> IntoDeserializer<'de, Mistake> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A method for each type of number.
macro_rules! numbers {
    ($($method:ident $type:ident $visit:ident $expected:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
            let number: $type = self.number($expected)?;
            visitor.$visit(number).map_err(|mistake: Mistake| mistake.within(&self.span))
        })*
    };
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let span = self.span.clone();
        let value = match self.content {
            DeValue::String(text) => visitor.visit_str(&text),
            DeValue::Integer(_) => return self.deserialize_i64(visitor),
            DeValue::Float(ref number) => match number.as_str().parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => Err(self.instead_of("a number")),
            },
            DeValue::Boolean(value) => visitor.visit_bool(value),
            DeValue::Datetime(_) => Err(self.instead_of("no date")),
            DeValue::Array(members) => visitor.visit_seq(Members(members.into_iter())),
            DeValue::Table(table) => visitor.visit_map(Pairs { rest: table.into_iter(), value: None }),
        };
        value.map_err(|mistake| mistake.within(&span))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let fits = matches!(self.content, DeValue::Boolean(_));
        self.of_form(fits, "`true` or `false`", visitor)
    }

    numbers! {
        deserialize_u8 u8 visit_u8 "a whole number, not negative";
        deserialize_u16 u16 visit_u16 "a whole number, not negative";
        deserialize_u32 u32 visit_u32 "a whole number, not negative";
        deserialize_u64 u64 visit_u64 "a whole number, not negative";
        deserialize_i32 i32 visit_i32 "a whole number";
        deserialize_i64 i64 visit_i64 "a whole number";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let fits = matches!(self.content, DeValue::String(_));
        self.of_form(fits, "a string", visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let fits = matches!(self.content, DeValue::Array(_));
        self.of_form(fits, "a list", visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let fits = matches!(self.content, DeValue::Table(_));
        self.of_form(fits, "a table", visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        if is_spanned(name) {
            let span = self.span.clone();
            return visitor.visit_map(SpannedDeserializer::new(self, span));
        }
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    /// Of enumerations only those without data: a word for each of their values.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let DeValue::String(word) = &self.content else { return Err(self.instead_of("a string")) };
        let word: StrDeserializer<'_, Mistake> = word.as_ref().into_deserializer();
        visitor.visit_enum(word).map_err(|mistake| mistake.within(&self.span))
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Members<'de>(<DeArray<'de> as IntoIterator>::IntoIter);

impl<'de> de::SeqAccess<'de> for Members<'de> {
    type Error = Mistake;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mistake> {
        self.0.next().map(|member| seed.deserialize(Value::from(member))).transpose()
    }
}

struct Pairs<'de> {
    rest: <DeTable<'de> as IntoIterator>::IntoIter,
    /// Of the key that was given out last.
    value: Option<Value<'de>>,
}

impl<'de> de::MapAccess<'de> for Pairs<'de> {
    type Error = Mistake;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mistake> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value.into());
        let key = Value { span: key.span(), content: DeValue::String(key.into_inner()) };
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mistake> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(de::Error::custom("no key was asked for before this value")),
        }
    }
}
