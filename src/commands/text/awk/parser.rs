//! The grammar of awk (POSIX.1-2024, XCU awk).

use crate::commands::answer::refused;
use crate::shell::WorldError;

use super::lexer::{Token, tokens};
use super::syntax::{Expression, Operator, Pattern, Program, Rule, Statement};

/// How deep expressions and blocks may stand in each other.
const DEPTH: usize = 100;

type Read<T> = Result<T, WorldError>;

pub(super) fn read(text: &str) -> Read<Program> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, ranges: 0, prints: false };
    let mut rules = Vec::new();
    loop {
        while parser.takes_line() || parser.takes(";") {}
        if parser.at >= parser.tokens.len() {
            return Ok(Program { rules });
        }
        rules.push(parser.rule()?);
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    ranges: usize,
    /// Whether a `>` would begin the file that `print` writes to.
    prints: bool,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn takes_line(&mut self) -> bool {
        let found = self.peek() == Some(&Token::Line);
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name) | Token::Function(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn lines(&mut self) {
        while self.takes_line() {}
    }

    fn expect(&mut self, sign: &str) -> Read<()> {
        if self.takes(sign) {
            Ok(())
        } else {
            refused(format!("a program of awk lacks a `{sign}`, or has what is not known here"))
        }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.depth += 1;
        if self.depth > DEPTH {
            return refused("a program of awk goes too deep");
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn rule(&mut self) -> Read<Rule> {
        let pattern = if self.takes_word("BEGIN") {
            Pattern::Begin
        } else if self.takes_word("END") {
            Pattern::End
        } else if self.is("{") {
            Pattern::Always
        } else {
            let first = self.expression()?;
            if self.takes(",") {
                self.lines();
                self.ranges += 1;
                Pattern::Range(first, self.expression()?, self.ranges - 1)
            } else {
                Pattern::When(first)
            }
        };
        let action = if self.is("{") { Some(self.block()?) } else { None };
        Ok(Rule { pattern, action })
    }

    fn block(&mut self) -> Read<Vec<Statement>> {
        self.expect("{")?;
        let mut statements = Vec::new();
        loop {
            while self.takes_line() || self.takes(";") {}
            if self.takes("}") {
                return Ok(statements);
            }
            statements.push(self.deeper(Self::statement)?);
        }
    }

    /// The body of `if` and its like: a block, or one statement.
    fn body(&mut self) -> Read<Vec<Statement>> {
        self.lines();
        if self.takes(";") {
            return Ok(Vec::new());
        }
        if self.is("{") { self.block() } else { Ok(vec![self.deeper(Self::statement)?]) }
    }

    fn statement(&mut self) -> Read<Statement> {
        if self.is("{") {
            return Ok(Statement::Block(self.block()?));
        }
        if self.takes_word("if") {
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            let body = self.body()?;
            let before = self.at;
            while self.takes_line() || self.takes(";") {}
            if self.takes_word("else") {
                return Ok(Statement::If(condition, body, self.body()?));
            }
            self.at = before;
            return Ok(Statement::If(condition, body, Vec::new()));
        }
        if self.takes_word("while") {
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            return Ok(Statement::While(condition, self.body()?));
        }
        if self.takes_word("do") {
            let body = self.body()?;
            while self.takes_line() || self.takes(";") {}
            if !self.takes_word("while") {
                return refused("a `do` of awk lacks its `while`");
            }
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            return Ok(Statement::DoWhile(body, condition));
        }
        if self.takes_word("for") {
            return self.for_loop();
        }
        let statement = self.simple()?;
        match self.peek() {
            None | Some(Token::Line | Token::Sign(";" | "}")) => Ok(statement),
            Some(_) => {
                refused("a program of awk has what is not known here (a file or program to write to, or a function)")
            }
        }
    }

    fn for_loop(&mut self) -> Read<Statement> {
        self.expect("(")?;
        if let [Token::Name(name), Token::Name(word), Token::Name(array), Token::Sign(")"), ..] =
            &self.tokens[self.at..]
            && word == "in"
        {
            let (name, array) = (name.clone(), array.clone());
            self.at += 4;
            return Ok(Statement::ForIn(name, array, self.body()?));
        }
        let first = if self.is(";") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(";")?;
        let condition = if self.is(";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        let step = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Statement::For(first, condition, step, self.body()?))
    }

    fn simple(&mut self) -> Read<Statement> {
        for (word, is_format) in [("print", false), ("printf", true)] {
            if self.takes_word(word) {
                let values = self.printed()?;
                return Ok(if is_format { Statement::Printf(values) } else { Statement::Print(values) });
            }
        }
        if self.takes_word("delete") {
            let Some(Token::Name(name)) = self.peek().cloned() else {
                return refused("`delete` of awk lacks its array");
            };
            self.at += 1;
            if !self.takes("[") {
                return Ok(Statement::Delete(name, None));
            }
            let index = self.expressions("]")?;
            return Ok(Statement::Delete(name, Some(index)));
        }
        if self.takes_word("next") {
            return Ok(Statement::Next);
        }
        if self.takes_word("break") {
            return Ok(Statement::Break);
        }
        if self.takes_word("continue") {
            return Ok(Statement::Continue);
        }
        if self.takes_word("exit") {
            let ends = matches!(self.peek(), None | Some(Token::Line | Token::Sign(";" | "}")));
            return Ok(Statement::Exit(if ends { None } else { Some(self.expression()?) }));
        }
        Ok(Statement::Expression(self.expression()?))
    }

    /// What is behind `print`, with or without parentheses around all of it.
    fn printed(&mut self) -> Read<Vec<Expression>> {
        if matches!(self.peek(), None | Some(Token::Line | Token::Sign(";" | "}"))) {
            return Ok(Vec::new());
        }
        let before = self.at;
        if self.takes("(") {
            let values = self.expressions(")")?;
            if matches!(self.peek(), None | Some(Token::Line | Token::Sign(";" | "}"))) {
                return Ok(values);
            }
            self.at = before;
        }
        let mut values = vec![self.without_greater()?];
        while self.takes(",") {
            self.lines();
            values.push(self.without_greater()?);
        }
        Ok(values)
    }

    /// Behind `print` a `>` is a file, which is refused where it stands.
    fn without_greater(&mut self) -> Read<Expression> {
        let before = std::mem::replace(&mut self.prints, true);
        let value = self.expression();
        self.prints = before;
        value
    }

    /// Values parted by commas, up to the sign that closes them.
    fn expressions(&mut self, end: &str) -> Read<Vec<Expression>> {
        let before = std::mem::replace(&mut self.prints, false);
        let values = self.listed(end);
        self.prints = before;
        values
    }

    fn listed(&mut self, end: &str) -> Read<Vec<Expression>> {
        let mut values = Vec::new();
        if self.takes(end) {
            return Ok(values);
        }
        loop {
            self.lines();
            values.push(self.expression()?);
            self.lines();
            if self.takes(end) {
                return Ok(values);
            }
            self.expect(",")?;
        }
    }

    fn expression(&mut self) -> Read<Expression> {
        self.deeper(Self::assignment)
    }

    fn assignment(&mut self) -> Read<Expression> {
        let left = self.choice()?;
        let operator = match self.peek() {
            Some(Token::Sign("+=")) => Some('+'),
            Some(Token::Sign("-=")) => Some('-'),
            Some(Token::Sign("*=")) => Some('*'),
            Some(Token::Sign("/=")) => Some('/'),
            Some(Token::Sign("%=")) => Some('%'),
            Some(Token::Sign("^=")) => Some('^'),
            _ => None,
        };
        if operator.is_some() || self.is("=") {
            self.at += 1;
            if !matches!(left, Expression::Variable(_) | Expression::Field(_) | Expression::Element(..)) {
                return refused("a program of awk gives a value to what is no variable");
            }
            return Ok(Expression::Assign(Box::new(left), operator, Box::new(self.expression()?)));
        }
        Ok(left)
    }

    fn choice(&mut self) -> Read<Expression> {
        let condition = self.either()?;
        if !self.takes("?") {
            return Ok(condition);
        }
        let one = self.expression()?;
        self.expect(":")?;
        Ok(Expression::Choice(Box::new(condition), Box::new(one), Box::new(self.expression()?)))
    }

    fn either(&mut self) -> Read<Expression> {
        let mut left = self.both()?;
        while self.takes("||") {
            self.lines();
            left = binary(Operator::Or, left, self.both()?);
        }
        Ok(left)
    }

    fn both(&mut self) -> Read<Expression> {
        let mut left = self.member()?;
        while self.takes("&&") {
            self.lines();
            left = binary(Operator::And, left, self.member()?);
        }
        Ok(left)
    }

    fn member(&mut self) -> Read<Expression> {
        let mut left = self.matched()?;
        while self.takes_word("in") {
            let Some(Token::Name(array)) = self.peek().cloned() else { return refused("`in` of awk lacks its array") };
            self.at += 1;
            left = Expression::In(vec![left], array);
        }
        Ok(left)
    }

    fn matched(&mut self) -> Read<Expression> {
        let mut left = self.compared()?;
        loop {
            let wanted = if self.takes("~") {
                true
            } else if self.is("!") && self.tokens.get(self.at + 1) == Some(&Token::Sign("~")) {
                self.at += 2;
                false
            } else {
                return Ok(left);
            };
            left = Expression::Match(wanted, Box::new(left), Box::new(self.compared()?));
        }
    }

    fn compared(&mut self) -> Read<Expression> {
        let left = self.joined()?;
        let operators = [
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (sign, operator) in operators {
            if !(self.prints && sign == ">") && self.takes(sign) {
                return Ok(binary(operator, left, self.joined()?));
            }
        }
        Ok(left)
    }

    fn joined(&mut self) -> Read<Expression> {
        let mut left = self.sum()?;
        loop {
            let begins = match self.peek() {
                Some(
                    Token::Number(_)
                    | Token::Text(_)
                    | Token::Function(_)
                    | Token::Sign("$" | "(" | "-" | "+" | "++" | "--"),
                ) => true,
                Some(Token::Sign("!")) => self.tokens.get(self.at + 1) != Some(&Token::Sign("~")),
                Some(Token::Name(name)) => name != "in",
                _ => false,
            };
            if !begins {
                return Ok(left);
            }
            left = binary(Operator::Join, left, self.sum()?);
        }
    }

    fn sum(&mut self) -> Read<Expression> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Sign("+")) => Operator::Add,
                Some(Token::Sign("-")) => Operator::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            left = binary(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Read<Expression> {
        let mut left = self.signed()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Sign("*")) => Operator::Multiply,
                Some(Token::Sign("/")) => Operator::Divide,
                Some(Token::Sign("%")) => Operator::Remainder,
                _ => return Ok(left),
            };
            self.at += 1;
            left = binary(operator, left, self.signed()?);
        }
    }

    fn signed(&mut self) -> Read<Expression> {
        if self.takes("!") {
            return Ok(Expression::Not(Box::new(self.deeper(Self::signed)?)));
        }
        if self.takes("-") {
            return Ok(Expression::Negative(Box::new(self.deeper(Self::signed)?)));
        }
        if self.takes("+") {
            return Ok(Expression::Positive(Box::new(self.deeper(Self::signed)?)));
        }
        let base = self.stepped()?;
        if self.takes("^") {
            return Ok(binary(Operator::Power, base, self.deeper(Self::signed)?));
        }
        Ok(base)
    }

    fn stepped(&mut self) -> Read<Expression> {
        for (sign, step) in [("++", 1.0), ("--", -1.0)] {
            if self.takes(sign) {
                return Ok(Expression::Step(Box::new(self.value()?), true, step));
            }
        }
        let value = self.value()?;
        let is_place = matches!(value, Expression::Variable(_) | Expression::Field(_) | Expression::Element(..));
        for (sign, step) in [("++", 1.0), ("--", -1.0)] {
            if is_place && self.takes(sign) {
                return Ok(Expression::Step(Box::new(value), false, step));
            }
        }
        Ok(value)
    }

    fn value(&mut self) -> Read<Expression> {
        let Some(token) = self.peek().cloned() else { return refused("a program of awk ends too early") };
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Pattern(pattern) => Ok(Expression::Pattern(pattern)),
            Token::Sign("$") => Ok(Expression::Field(Box::new(self.deeper(Self::stepped)?))),
            Token::Sign("-") => Ok(Expression::Negative(Box::new(self.deeper(Self::value)?))),
            Token::Sign("(") => {
                let values = self.expressions(")")?;
                if self.takes_word("in") {
                    let Some(Token::Name(array)) = self.peek().cloned() else {
                        return refused("`in` of awk lacks its array");
                    };
                    self.at += 1;
                    return Ok(Expression::In(values, array));
                }
                match <[Expression; 1]>::try_from(values) {
                    Ok([value]) => Ok(value),
                    Err(_) => refused("a program of awk has several values where one is meant"),
                }
            }
            Token::Function(name) => {
                self.expect("(")?;
                Ok(Expression::Call(name, self.expressions(")")?))
            }
            Token::Name(name) if name == "length" => Ok(Expression::Call(name, Vec::new())),
            Token::Name(name) if matches!(name.as_str(), "getline" | "function" | "func") => {
                refused(format!("`{name}` of awk is not done here"))
            }
            Token::Name(name) => {
                if self.takes("[") {
                    return Ok(Expression::Element(name, self.expressions("]")?));
                }
                Ok(Expression::Variable(name))
            }
            Token::Sign(sign) => refused(format!("a program of awk has `{sign}` where a value is meant")),
            Token::Line => refused("a program of awk has a line end where a value is meant"),
        }
    }
}

fn binary(operator: Operator, left: Expression, right: Expression) -> Expression {
    Expression::Binary(operator, Box::new(left), Box::new(right))
}
