import { Upload } from 'lucide-react'
import { type DragEvent, useState } from 'react'

/** Takes one file, dropped or chosen: the field under it is the browser's own, so that it works without a mouse. */
export function DropZone({
  label,
  accept,
  onFile,
}: {
  label: string
  /** Kinds of files, as `accept` of an input has them. */
  accept: string
  onFile: (file: File) => void
}) {
  const [isOver, setIsOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(false)
    const [file] = event.dataTransfer.files
    if (file) onFile(file)
  }
  const over = (event: DragEvent) => {
    event.preventDefault()
    setIsOver(true)
  }
  return (
    <label
      className={`drop-zone ${isOver ? 'over' : ''}`}
      onDragOver={over}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <Upload size={20} aria-hidden />
      {label}
      <input
        type="file"
        accept={accept}
        onChange={(event) => {
          const [file] = event.target.files ?? []
          if (file) onFile(file)
          // Choosing the same file again, once it was mended, must be noticed.
          event.target.value = ''
        }}
      />
    </label>
  )
}
