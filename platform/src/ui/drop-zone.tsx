import { Upload } from 'lucide-react'
import { useId } from 'react'

/** Takes one file, dropped or chosen: the browser's own field lies over all of it and does both. */
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
  const id = useId()
  return (
    <div className="drop-zone">
      <Upload size={20} aria-hidden />
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept={accept}
        aria-label={label}
        onChange={(event) => {
          const [file] = event.target.files ?? []
          if (file) onFile(file)
          // Choosing the same file again, once it was mended, must be noticed.
          event.target.value = ''
        }}
      />
    </div>
  )
}
