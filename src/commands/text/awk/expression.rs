//! Values of expressions of awk, and the places that they are given to.

use std::rc::Rc;

use crate::commands::answer::refused;
use crate::commands::text::pattern::Pattern as Regex;
use crate::shell::WorldError;

use super::run::{BYTES, Run};
use super::syntax::{Expression, Operator};
use super::value::Value;

impl<'p> Run<'p> {
    pub(super) fn value(&mut self, expression: &'p Expression) -> Result<Value, WorldError> {
        self.step()?;
        Ok(match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Pattern(pattern) => {
                let pattern = self.pattern(pattern)?;
                truth(pattern.is_in(self.fields[0].as_bytes()))
            }
            Expression::Variable(name) => self.variables.get(name).cloned().unwrap_or(Value::None),
            Expression::Field(index) => {
                let index = self.value(index)?.number();
                self.field(index)
            }
            Expression::Element(array, index) => {
                let key = self.key(index)?;
                // To ask for an element makes it.
                self.arrays.entry(array.clone()).or_default().entry(key).or_insert(Value::None).clone()
            }
            Expression::Assign(place, operator, value) => {
                let mut value = self.value(value)?;
                if let Some(operator) = operator {
                    let old = self.value(place)?.number();
                    value = Value::Number(calculated(*operator, old, value.number())?);
                }
                self.put(place, value.clone())?;
                value
            }
            Expression::Step(place, before, step) => {
                let old = self.value(place)?.number();
                self.put(place, Value::Number(old + step))?;
                Value::Number(if *before { old + step } else { old })
            }
            Expression::Not(value) => truth(!self.value(value)?.is_true()),
            Expression::Negative(value) => Value::Number(-self.value(value)?.number()),
            Expression::Positive(value) => Value::Number(self.value(value)?.number()),
            Expression::Binary(operator, left, right) => return self.binary(*operator, left, right),
            Expression::Match(wanted, text, pattern) => {
                let text = self.value(text)?.text();
                let pattern = self.pattern_of(pattern)?;
                truth(pattern.is_in(text.as_bytes()) == *wanted)
            }
            Expression::In(index, array) => {
                let key = self.key(index)?;
                truth(self.arrays.get(array).is_some_and(|array| array.contains_key(&key)))
            }
            Expression::Choice(condition, one, other) => {
                let chosen = if self.value(condition)?.is_true() { one } else { other };
                self.value(chosen)?
            }
            Expression::Call(name, arguments) => return self.call(name, arguments),
        })
    }

    pub(super) fn pattern_of(&mut self, expression: &'p Expression) -> Result<Rc<Regex>, WorldError> {
        match expression {
            Expression::Pattern(pattern) => self.pattern(pattern),
            other => {
                let pattern = self.value(other)?.text();
                self.pattern(&pattern)
            }
        }
    }

    pub(super) fn put(&mut self, place: &'p Expression, value: Value) -> Result<(), WorldError> {
        match place {
            Expression::Variable(name) => {
                let fields = (name == "NF").then(|| usize::try_from(whole(value.number())).unwrap_or(0));
                self.variables.insert(name.clone(), value);
                if let Some(count) = fields {
                    if count > 10_000 {
                        return refused("a program of awk makes more than 10000 fields");
                    }
                    self.fields.resize(count + 1, String::new());
                    self.fields[0] = self.fields[1..].join(&self.text_of("OFS"));
                }
            }
            Expression::Element(array, index) => {
                let key = self.key(index)?;
                self.arrays.entry(array.clone()).or_default().insert(key, value);
            }
            Expression::Field(index) => {
                let index = whole(self.value(index)?.number());
                let Ok(index) = usize::try_from(index) else {
                    return refused("a program of awk gives a value to a field below 0");
                };
                if index > 10_000 {
                    return refused("a program of awk makes more than 10000 fields");
                }
                if index == 0 {
                    return self.set_record(value.text());
                }
                if self.fields.len() <= index {
                    self.fields.resize(index + 1, String::new());
                }
                self.fields[index] = value.text();
                self.fields[0] = self.fields[1..].join(&self.text_of("OFS"));
                self.count_fields();
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &'p Expression,
        right: &'p Expression,
    ) -> Result<Value, WorldError> {
        let one = self.value(left)?;
        match operator {
            Operator::And => return Ok(truth(one.is_true() && self.value(right)?.is_true())),
            Operator::Or => return Ok(truth(one.is_true() || self.value(right)?.is_true())),
            _ => {}
        }
        let other = self.value(right)?;
        let number = |sign| calculated(sign, one.number(), other.number()).map(Value::Number);
        match operator {
            Operator::Add => number('+'),
            Operator::Subtract => number('-'),
            Operator::Multiply => number('*'),
            Operator::Divide => number('/'),
            Operator::Remainder => number('%'),
            Operator::Power => number('^'),
            Operator::Join => {
                let text = one.text() + &other.text();
                if text.len() > BYTES {
                    return refused("a text of awk has more than 64 MiB");
                }
                Ok(Value::Text(text))
            }
            Operator::Less => Ok(truth(one.compare(&other).is_lt())),
            Operator::LessOrEqual => Ok(truth(one.compare(&other).is_le())),
            Operator::Equal => Ok(truth(one.compare(&other).is_eq())),
            Operator::NotEqual => Ok(truth(one.compare(&other).is_ne())),
            Operator::Greater => Ok(truth(one.compare(&other).is_gt())),
            Operator::GreaterOrEqual => Ok(truth(one.compare(&other).is_ge())),
            Operator::And | Operator::Or => Ok(Value::None),
        }
    }
}

pub(super) fn truth(so: bool) -> Value {
    Value::Number(if so { 1.0 } else { 0.0 })
}

pub(super) fn calculated(operator: char, one: f64, other: f64) -> Result<f64, WorldError> {
    Ok(match operator {
        '+' => one + other,
        '-' => one - other,
        '*' => one * other,
        '/' | '%' if other == 0.0 => return refused("a program of awk divides by zero"),
        '/' => one / other,
        '%' => one % other,
        _ => one.powf(other),
    })
}

/// A whole number, as far as 32 bits reach.
pub(super) fn whole(number: f64) -> i32 {
    let bounded = number.trunc().clamp(f64::from(i32::MIN), f64::from(i32::MAX));
    format!("{bounded:.0}").parse().unwrap_or(0)
}

pub(super) fn count_number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
