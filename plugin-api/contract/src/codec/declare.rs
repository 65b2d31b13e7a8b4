//! Declaring messages: [`wire_struct!`](crate::wire_struct) and [`wire_enum!`](crate::wire_enum).

/// Declares a struct whose fields have numbers, and its encoding. All fields are public and need `Default + PartialEq`.
///
/// ```
/// use aurapos_contract::{codec, wire_struct};
/// wire_struct! {
///     /// A point.
///     pub struct Point {
///         /// Pixels from the left.
///         1 => x: i64,
///         /// Pixels from the top.
///         2 => y: i64,
///     }
/// }
/// let bytes = codec::encode(&Point { x: 3, y: 0 });
/// assert_eq!(bytes, [0xa1, 1, 3]); // a map of one field: number 1 is 3; y is at its default
/// assert_eq!(codec::decode::<Point>(&bytes).unwrap(), Point { x: 3, y: 0 });
/// ```
///
/// `pub strict struct Name, version 2 { … 7 since 2 => field: Type, … }` declares one whose later fields must not be skipped:
/// a message that uses a field `since 2` says so, and a reader that knows version 1 refuses it whole. `pub struct Name, debug
/// by hand` leaves `Debug` to whoever has something to hide.
#[macro_export]
macro_rules! wire_struct {
    ($(#[$meta:meta])* pub struct $name:ident { $($fields:tt)* }) => {
        $crate::wire_struct!(@ [$(#[$meta])* #[derive(Debug)]] $name 0 { $($fields)* });
    };
    ($(#[$meta:meta])* pub struct $name:ident, debug by hand { $($fields:tt)* }) => {
        $crate::wire_struct!(@ [$(#[$meta])*] $name 0 { $($fields)* });
    };
    ($(#[$meta:meta])* pub strict struct $name:ident, version $version:literal { $($fields:tt)* }) => {
        $crate::wire_struct!(@ [$(#[$meta])* #[derive(Debug)]] $name $version { $($fields)* });
    };
    (@ [$(#[$meta:meta])*] $name:ident $version:literal {
        $($(#[$field_meta:meta])* $number:literal $(since $since:literal)? => $field:ident : $type:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Default)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $crate::codec::Encode for $name {
            #[allow(unused_mut, unused_assignments)]
            fn write<W: $crate::codec::Sink>(&self, out: &mut $crate::codec::Writer<W>) {
                let (mut fields, mut needs) = (0u64, 0u64);
                $(if self.$field != <$type as Default>::default() {
                    fields += 1;
                    $(needs = needs.max($since);)?
                })*
                if needs > 1 {
                    out.map(fields + 1);
                    out.number(0);
                    out.number(needs);
                } else {
                    out.map(fields);
                }
                $(if self.$field != <$type as Default>::default() {
                    out.number($number);
                    $crate::codec::Encode::write(&self.$field, out);
                })*
            }
        }

        impl $crate::codec::Wire for $name {
            fn read(from: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::CodecError> {
                let mut value = Self::default();
                let mut seen = $crate::codec::Seen::default();
                let mut left = from.map()?;
                while from.another(&mut left)? {
                    let field = from.number()?;
                    seen.once(stringify!($name), field)?;
                    match field {
                        0 if $version > 0 => $crate::codec::check_version(stringify!($name), from.number()?, $version)?,
                        $($number => value.$field = $crate::codec::Wire::read(from)
                            .map_err(|error| error.inside(concat!(stringify!($name), ".", stringify!($field))))?,)*
                        _ => from.skip()?,
                    }
                }
                Ok(value)
            }
        }
    };
}

/// Declares an enum without data whose variants have numbers, and its encoding. The first variant is the default.
///
/// `pub enum Name or Fallback { … }`: a number that this side does not know is read as `Fallback`. `pub strict enum Name`:
/// such a message is refused whole. `5 since 3 as Older => Newer` writes `Older` for peers below minor version 3, which knows
/// better than their fallback what `Newer` would have been for them.
#[macro_export]
macro_rules! wire_enum {
    ($(#[$meta:meta])* pub enum $name:ident or $fallback:ident { $($variants:tt)* }) => {
        $crate::wire_enum!(@ [$(#[$meta])*] $name [_number => Ok(Self::$fallback)] { $($variants)* });
    };
    ($(#[$meta:meta])* pub strict enum $name:ident { $($variants:tt)* }) => {
        $crate::wire_enum!(@ [$(#[$meta])*] $name [number => Err($crate::codec::CodecError::Newer {
            of: stringify!($name),
            version: number,
            known: Self::HIGHEST,
        })] { $($variants)* });
    };
    (@ [$(#[$meta:meta])*] $name:ident [$other:ident => $fallback:expr] {
        $(#[$first_meta:meta])* $first_number:literal => $first:ident,
        $($(#[$variant_meta:meta])* $number:literal $(since $minor:literal as $older:ident)? => $variant:ident,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        #[non_exhaustive]
        pub enum $name { $(#[$first_meta])* #[default] $first = $first_number, $($(#[$variant_meta])* $variant = $number,)* }

        impl $name {
            /// The highest number that this side knows.
            #[allow(dead_code)]
            const HIGHEST: u64 = {
                let numbers = [$first_number $(, $number)*];
                let (mut highest, mut at) = (0, 0);
                while at < numbers.len() {
                    if numbers[at] > highest {
                        highest = numbers[at];
                    }
                    at += 1;
                }
                highest
            };
        }

        impl $crate::codec::Encode for $name {
            fn write<W: $crate::codec::Sink>(&self, out: &mut $crate::codec::Writer<W>) {
                match self {
                    $($(Self::$variant if !out.peer().has($minor) => out.number(Self::$older as u64),)?)*
                    other => out.number(*other as u64),
                }
            }
        }

        impl $crate::codec::Wire for $name {
            fn read(from: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::CodecError> {
                match from.number()? {
                    $first_number => Ok(Self::$first),
                    $($number => Ok(Self::$variant),)*
                    $other => $fallback,
                }
            }
        }
    };
}
