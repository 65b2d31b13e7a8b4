//! A commit of which nobody knows whether it happened: asked until the store tells, and nothing is sold before.

use crate::command::Reply;
use crate::engine::Engine;
use crate::env::Env;
use crate::error::EngineResult;
use crate::event::Event;
use crate::rows::payment::PrintJobRow;
use aurapos_domain::ids::TicketId;

impl Engine {
    pub(crate) fn resolve_doubt(&mut self, env: &mut dyn Env) -> EngineResult<Reply> {
        let Some((committed, doubt)) = self.core.resolve()? else {
            return Ok(Reply::Resolved { committed: false, sale: None });
        };
        self.out.events.push(Event::Resolved { committed });
        let id = doubt.sale.as_ref().map(|sale| sale.id());
        let work: Option<TicketId> =
            self.works.iter().find(|(_, work)| Some(work.sale) == id).map(|(ticket, _)| *ticket);
        if committed && let Some(ticket) = work {
            self.drop_work(ticket);
        }
        self.write_late_intents(env);
        // A whole sale is undone: its caller was told and may ask again with the same id; so are those whose payment was
        // answered in the meantime. A ticket stays as it is.
        let left: Vec<TicketId> =
            self.works.iter().filter(|(_, work)| work.is_left_behind()).map(|(ticket, _)| *ticket).collect();
        for ticket in left {
            self.give_up(ticket, env);
        }
        if !committed {
            return Ok(Reply::Resolved { committed: false, sale: None });
        }
        // It may have been something else that sinks are told, such as an opened drawer: they catch up from the journal.
        self.events_missed = true;
        let Some(sale) = doubt.sale else { return Ok(Reply::Resolved { committed: true, sale: None }) };
        let print = doubt.print.map(|request| {
            let row = PrintJobRow {
                id: request.job,
                sale: sale.id(),
                printer: request.printer.clone(),
                title: sale.receipt_no().to_string(),
                state: "waiting".to_owned(),
                attempts: 0,
                error: String::new(),
                created: sale.sale.header.time,
            };
            (row, *request)
        });
        match self.committed(*sale, print) {
            Reply::Sale(sale) => Ok(Reply::Resolved { committed: true, sale: Some(sale) }),
            other => Ok(other),
        }
    }
}
