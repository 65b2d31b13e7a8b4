//! The one description of a capability: its trait, and everything that is made from it.

/// Declares a capability: a plain trait, the table of its methods, and what serves, calls and wraps it.
///
/// ```text
/// capability! {
///     /// What the trait promises.
///     pub trait Printer, table PrinterTable, client PrinterClient, layer PrinterLayer, kind 4 {
///         /// What the method promises.
///         1 => fn print(&self, ref job: PrintJob; progress) -> () [Main, Device, Never];
///         /// One that most implementations leave alone.
///         2 => fn open_drawer(&self) -> () [Main, Device, Never] default { Err(…) };
///     }
/// }
/// ```
/// A method has its number for ever, its arguments (`ref` is borrowed, `val` is given; after `;` what the caller lends:
/// `progress`, `host`), its answer, and in brackets its [`Lane`](crate::call::Lane), [`Within`](crate::call::Within) and
/// [`Repeat`](crate::call::Repeat); `, always` when a plugin in quarantine is asked, too. New methods are appended and have
/// a default body, which is also what an older plugin answers: [`ErrorCode::Unsupported`](crate::ErrorCode::Unsupported).
///
/// - `…Table` serves requests on an implementation ([`Serve`](crate::call::Serve)).
/// - `…Client` is the trait over a [`Link`](crate::call::Link).
/// - `…Layer` is for wrappers: whoever says what is [`inner`](crate::payment::PaymentLayer::inner) has the whole trait and
///   writes only the methods that differ.
#[macro_export]
macro_rules! capability {
    (
        $(#[$meta:meta])*
        pub trait $trait:ident, table $table:ident, client $client:ident, layer $layer:ident, kind $kind:literal {
            $(
                $(#[$method_meta:meta])*
                $number:literal => fn $name:ident(
                    & $self:ident $(, $mode:ident $arg:ident : $type:ty)* $(; $($extra:ident),+)?
                ) -> $answer:ty [$lane:ident, $within:ident, $repeat:ident $(, $always:ident)?] $(default $body:block)?;
            )*
        }
    ) => {
        $(#[$meta])*
        pub trait $trait: Send + Sync + std::fmt::Debug {
            $($crate::__trait_method! {
                [$(#[$method_meta])*
                #[allow(unused_variables)]
                fn $name(
                    & $self $(, $arg: $crate::__argument!($mode $type))* $($(, $extra: $crate::__extra!($extra))+)?
                ) -> $crate::PluginResult<$answer>]
                $($body)?
            })*
        }

        /// The methods, and the plugin's side of them.
        #[derive(Debug, Clone, Copy)]
        pub struct $table;

        impl $table {
            $(
                /// The method of that name.
                pub const fn $name() -> &'static $crate::call::Method {
                    const METHOD: $crate::call::Method = $crate::call::Method {
                        kind: $kind,
                        number: $number,
                        name: stringify!($name),
                        lane: $crate::call::Lane::$lane,
                        within: $crate::call::Within::$within,
                        repeat: $crate::call::Repeat::$repeat,
                        always: $crate::__always!($($always)?),
                    };
                    &METHOD
                }
            )*
        }

        impl $crate::call::Table for $table {
            const KIND: u32 = $kind;
            const METHODS: &'static [&'static $crate::call::Method] = &[$($table::$name()),*];
        }

        impl<T: $trait + ?Sized> $crate::call::Serve<T> for $table {
            fn serve<W: $crate::codec::Sink>(
                object: &T,
                method: u32,
                request: &[u8],
                _caller: $crate::call::Caller<'_>,
                reply: &mut $crate::call::Reply<W>,
            ) -> $crate::PluginResult<()> {
                #[allow(unused_mut)]
                let mut arguments = $crate::call::Arguments::of(request)?;
                match method {
                    $($number => {
                        $(let $arg: $crate::__owned!($mode $type) = arguments.take()?;)*
                        arguments.end()?;
                        let answer = object.$name(
                            $($crate::__lend!($mode $arg $type),)*
                            $($(_caller.$extra,)+)?
                        )?;
                        $crate::call::Answer::pack(answer, reply);
                        Ok(())
                    })*
                    other => Err($crate::call::no_such_method(stringify!($trait), other)),
                }
            }
        }

        /// The capability over a link: what the other side of a border sees.
        #[derive(Debug, Clone)]
        pub struct $client<L>(pub L);

        impl<L: $crate::call::Link> $trait for $client<L> {
            $(fn $name(
                &self $(, $arg: $crate::__argument!($mode $type))* $($(, $extra: $crate::__extra!($extra))+)?
            ) -> $crate::PluginResult<$answer> {
                const ARGUMENTS: &[&str] = &[$(stringify!($arg)),*];
                let caller = $crate::call::Caller::NOBODY$($(.$extra($extra))+)?;
                $crate::call::invoke(&self.0, $table::$name(), caller, |out| {
                    out.list(ARGUMENTS.len() as u64);
                    $($crate::__write!($mode $arg out);)*
                })
            })*
        }

        /// A wrapper: all methods go to what is inside, but for those that it writes itself.
        pub trait $layer: Send + Sync + std::fmt::Debug {
            /// What is inside.
            fn inner(&self) -> &dyn $trait;
            $(
                /// As in the trait.
                ///
                /// # Errors
                /// As in the trait.
                fn $name(
                    &self $(, $arg: $crate::__argument!($mode $type))* $($(, $extra: $crate::__extra!($extra))+)?
                ) -> $crate::PluginResult<$answer> {
                    self.inner().$name($($arg,)* $($($extra,)+)?)
                }
            )*
        }

        impl<T: $layer> $trait for T {
            $(fn $name(
                &self $(, $arg: $crate::__argument!($mode $type))* $($(, $extra: $crate::__extra!($extra))+)?
            ) -> $crate::PluginResult<$answer> {
                $layer::$name(self $(, $arg)* $($(, $extra)+)?)
            })*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __trait_method {
    ([$($head:tt)*]) => { $($head)*; };
    ([$($head:tt)*] $body:block) => { $($head)* $body };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __argument {
    (ref $type:ty) => {
        &$type
    };
    (val $type:ty) => {
        $type
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __owned {
    (ref $type:ty) => {
        <$type as std::borrow::ToOwned>::Owned
    };
    (val $type:ty) => {
        $type
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __lend {
    (ref $arg:ident $type:ty) => {
        std::borrow::Borrow::<$type>::borrow(&$arg)
    };
    (val $arg:ident $type:ty) => {
        $arg
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __write {
    (ref $arg:ident $out:ident) => {
        $crate::codec::Encode::write($arg, $out)
    };
    (val $arg:ident $out:ident) => {
        $crate::codec::Encode::write(&$arg, $out)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __extra {
    (progress) => { &dyn $crate::host::Progress };
    (host) => { &dyn $crate::backup::BackupHost };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __always {
    () => {
        false
    };
    (always) => {
        true
    };
}
