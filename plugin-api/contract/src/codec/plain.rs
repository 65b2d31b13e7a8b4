//! The encoding of plain values: numbers, text, bytes, lists, options.

use super::{CAPACITY_MAX, CodecError, Encode, Reader, Sink, Wire, Writer};
use uuid::Uuid;

macro_rules! plain {
    ($($type:ty => $method:ident,)*) => {
        $(impl Encode for $type {
            fn write<W: Sink>(&self, out: &mut Writer<W>) {
                out.cbor(|cbor| cbor.$method(*self).is_ok());
            }
        }
        impl Wire for $type {
            fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
                Ok(from.cbor.$method()?)
            }
        })*
    };
}
plain!(u64 => u64, u32 => u32, i64 => i64, bool => bool,);

impl Encode for str {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        out.cbor(|cbor| cbor.str(self).is_ok());
    }
}

impl Encode for String {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        self.as_str().write(out);
    }
}

impl Wire for String {
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(from.cbor.str()?.to_owned())
    }
}

impl Encode for [u8] {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        out.cbor(|cbor| cbor.bytes(self).is_ok());
    }
}

impl Encode for Vec<u8> {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        self.as_slice().write(out);
    }
}

impl Wire for Vec<u8> {
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(from.cbor.bytes()?.to_vec())
    }
}

impl<T: Encode> Encode for [T] {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        out.list(self.len() as u64);
        for item in self {
            item.write(out);
        }
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        self.as_slice().write(out);
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        let mut left = from.list()?;
        let capacity = left.map_or(0, |count| usize::try_from(count).unwrap_or(usize::MAX)).min(CAPACITY_MAX);
        let mut items = Vec::with_capacity(capacity.min(from.bytes - from.cbor.position()));
        while from.another(&mut left)? {
            // A list item may be one byte on the wire and hundreds in memory.
            from.charge(size_of::<T>())?;
            items.push(T::read(from)?);
        }
        Ok(items)
    }
}

impl<T: Encode> Encode for Option<T> {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        match self {
            None => out.cbor(|cbor| cbor.null().is_ok()),
            Some(value) => value.write(out),
        }
    }
}

impl<T: Wire> Wire for Option<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        if from.at_null()? { Ok(None) } else { T::read(from).map(Some) }
    }
}

impl<T: Encode> Encode for Box<T> {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        (**self).write(out);
    }
}

impl<T: Wire> Wire for Box<T> {
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        T::read(from).map(Box::new)
    }
}

impl Encode for () {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        out.cbor(|cbor| cbor.null().is_ok());
    }
}

impl Wire for () {
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(from.cbor.null()?)
    }
}

impl Encode for Uuid {
    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        self.as_bytes().as_slice().write(out);
    }
}

impl Wire for Uuid {
    fn read(from: &mut Reader<'_>) -> Result<Self, CodecError> {
        let bytes = from.cbor.bytes()?;
        Uuid::from_slice(bytes)
            .map_err(|_| CodecError::Malformed { of: "a uuid", reason: format!("{} bytes, not 16", bytes.len()) })
    }
}
