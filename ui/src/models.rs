//! Lists of the window: changed row by row, never replaced.

use slint::{Model, VecModel};

/// Makes a model equal to `rows` and touches only what differs: rows before and after a change keep their elements.
pub fn sync<T: Clone + PartialEq + 'static>(model: &VecModel<T>, rows: Vec<T>) {
    let shared = model.row_count().min(rows.len());
    let mut head = 0;
    while head < shared && model.row_data(head).as_ref() == Some(&rows[head]) {
        head += 1;
    }
    let mut tail = 0;
    while tail < shared - head
        && model.row_data(model.row_count() - 1 - tail).as_ref() == Some(&rows[rows.len() - 1 - tail])
    {
        tail += 1;
    }
    let old_middle = model.row_count() - head - tail;
    let new_middle = rows.len() - head - tail;
    for (offset, row) in rows.into_iter().skip(head).take(new_middle).enumerate() {
        let index = head + offset;
        if offset >= old_middle {
            model.insert(index, row);
        } else if model.row_data(index).as_ref() != Some(&row) {
            model.set_row_data(index, row);
        }
    }
    for _ in new_middle..old_middle {
        model.remove(head + new_middle);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(before: &[i32], after: &[i32]) {
        let model = VecModel::from(before.to_vec());
        sync(&model, after.to_vec());
        assert_eq!(model.iter().collect::<Vec<_>>(), after, "from {before:?}");
    }

    #[test]
    fn any_list_becomes_any_other() {
        let lists: &[&[i32]] =
            &[&[], &[1], &[1, 2, 3], &[2, 3], &[1, 3], &[1, 2], &[3, 2, 1], &[1, 2, 3, 4, 5], &[9, 9, 9]];
        for before in lists {
            for after in lists {
                check(before, after);
            }
        }
    }
}
