//! The least that a window can take here: a bare X client that answers every key and tap with a rectangle.

use crate::BenchResult;
use crate::screen::{Area, Screen, Target};
use std::thread;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ChangeGCAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, Rectangle, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// Where it lies: right of the program's window.
pub(super) const AREA: Area = Area { x: 1290, y: 10, width: 100, height: 100 };

/// Opens the bare window; it ends with the display.
pub(super) fn open(screen: &Screen) -> BenchResult<Target> {
    let (client, number) = x11rb::connect(Some(screen.name()))?;
    let root = client.setup().roots[number].clone();
    let (window, paint) = (client.generate_id()?, client.generate_id()?);
    let events = EventMask::KEY_PRESS | EventMask::BUTTON_PRESS;
    let look = CreateWindowAux::new().event_mask(events).background_pixel(root.black_pixel);
    let Area { x, y, width, height } = AREA;
    let class = WindowClass::INPUT_OUTPUT;
    client.create_window(0, window, root.root, x, y, width, height, 0, class, 0, &look)?;
    client.create_gc(paint, window, &CreateGCAux::new())?;
    client.map_window(window)?;
    client.get_input_focus()?.reply()?;
    // Its error is the end of the display.
    thread::spawn(move || drop(answer(&client, window, paint)));
    Ok(Target(window))
}

/// Until the display ends.
fn answer(client: &RustConnection, window: u32, paint: u32) -> BenchResult<()> {
    let mut colour = 0_u32;
    loop {
        if !matches!(client.wait_for_event()?, Event::KeyPress(_) | Event::ButtonPress(_)) {
            continue;
        }
        colour ^= 0x00ff_ffff;
        client.change_gc(paint, &ChangeGCAux::new().foreground(colour))?;
        let all = Rectangle { x: 0, y: 0, width: AREA.width, height: AREA.height };
        client.poly_fill_rectangle(window, paint, &[all])?;
        client.flush()?;
    }
}
