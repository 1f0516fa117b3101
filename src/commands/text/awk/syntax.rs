//! A program of awk.

pub(super) struct Program {
    pub(super) rules: Vec<Rule>,
}

pub(super) struct Rule {
    pub(super) pattern: Pattern,
    /// None prints the record.
    pub(super) action: Option<Vec<Statement>>,
}

pub(super) enum Pattern {
    Begin,
    End,
    Always,
    When(Expression),
    /// With its place among the ranges.
    Range(Expression, Expression, usize),
}

pub(super) enum Statement {
    Expression(Expression),
    Print(Vec<Expression>),
    Printf(Vec<Expression>),
    If(Expression, Vec<Statement>, Vec<Statement>),
    While(Expression, Vec<Statement>),
    DoWhile(Vec<Statement>, Expression),
    For(Option<Box<Statement>>, Option<Expression>, Option<Box<Statement>>, Vec<Statement>),
    ForIn(String, String, Vec<Statement>),
    Block(Vec<Statement>),
    Delete(String, Option<Vec<Expression>>),
    Next,
    Exit(Option<Expression>),
    Break,
    Continue,
}

pub(super) enum Expression {
    Number(f64),
    Text(String),
    /// A pattern by itself, which the record is held against.
    Pattern(String),
    Variable(String),
    Field(Box<Expression>),
    Element(String, Vec<Expression>),
    Assign(Box<Expression>, Option<char>, Box<Expression>),
    /// Before or after; up or down.
    Step(Box<Expression>, bool, f64),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Positive(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Match(bool, Box<Expression>, Box<Expression>),
    In(Vec<Expression>, String),
    Choice(Box<Expression>, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Join,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

impl Program {
    /// Whether there is anything that a record is read for.
    pub(super) fn reads(&self) -> bool {
        self.rules.iter().any(|rule| !matches!(rule.pattern, Pattern::Begin))
    }
}
