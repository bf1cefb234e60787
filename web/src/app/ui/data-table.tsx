import type { ReactNode } from "react";

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  isNumber?: boolean;
}

interface DataTableProps<T> {
  label: string;
  rows: readonly T[];
  rowKey: (row: T) => string;
  columns: readonly Column<T>[];
  /** The two-line item that stands for the row on phones. */
  phone: (row: T) => ReactNode;
}

/** One list, drawn as a table from 768 px and as two-line items below. */
export function DataTable<T>({ label, rows, rowKey, columns, phone }: DataTableProps<T>) {
  return (
    <>
      <div className="table-wrap hidden md:block">
        <table className="table" aria-label={label}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.head} scope="col" className={column.isNumber ? "num" : undefined}>
                  {column.head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={rowKey(row)}>
                {columns.map((column) => (
                  <td key={column.head} className={column.isNumber ? "num" : undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="row-list md:hidden" aria-label={label}>
        {rows.map((row) => (
          <li key={rowKey(row)} className="row-item">
            {phone(row)}
          </li>
        ))}
      </ul>
    </>
  );
}
